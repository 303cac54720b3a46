import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { useLocation } from "react-router";
import type { Bot } from "@/shared/api/inside";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Home } from "./home";
import { lastUsed } from "./recent-bots";

const limits = (messages: number) =>
  Object.entries({ documents: 0, bytes: 0, messages_month: messages }).map(([name, used]) => ({
    name,
    used,
    limit: 100,
  }));
const bot = (id: string, version: number | null = null) => ({
  id,
  name: `Bot ${id}`,
  published_version: version,
  updated_at: "2026-11-20T08:00:00Z",
});
const document = (status: string, error: unknown = null) => ({
  id: "doc_1",
  bot_id: "bot_1",
  status,
  error,
});

interface Workspace {
  role?: string;
  bots?: ReturnType<typeof bot>[];
  /** What the document is, each time it is looked at. */
  states?: ReturnType<typeof document>[];
}

const Playground = () => <p>{`playground${useLocation().search}`}</p>;

function start({ role = "owner", bots = [], states = [] }: Workspace) {
  const made: string[] = [];
  const waiting = [...states];
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({
        user: { id: "usr_1", full_name: "Ada Lovelace" },
        workspaces: [{ id: "ws_1", name: "Acme", role }],
      }),
    ),
    http.get("*/api/v1/usage", () => HttpResponse.json({ data: [], limits: limits(0) })),
    http.get("*/api/v1/bots", () => HttpResponse.json({ data: [...bots], next_cursor: null })),
    http.post("*/api/v1/bots", () => {
      made.push("bot");
      bots.push(bot("bot_1"));
      return HttpResponse.json(bot("bot_1"), { status: 201 });
    }),
    http.post("*/api/v1/bots/bot_1/documents", () =>
      HttpResponse.json(document("pending"), { status: 202 }),
    ),
    http.get("*/api/v1/documents/doc_1", () =>
      HttpResponse.json(waiting.shift() ?? document("ready")),
    ),
  );
  show(Home, {
    token: "a-token",
    elsewhere: { "/bots/bot_1/playground": Playground },
  });
  return made;
}

const click = async (name: string) => userEvent.click(await screen.findByRole("button", { name }));

test("one click makes a bot of the sample, tells how far it is, and ends where it can be asked", async () => {
  start({ states: [document("processing")] });
  await click("Try it with a sample");
  expect(
    await screen.findByText(/^Reading “Employee handbook.md”/, { selector: "li" }),
  ).toBeVisible();
  expect(
    await screen.findByText(/playground\?question=How%20many%20days%20of%20holiday/),
  ).toBeVisible();
});

test("a file of one's own goes the same way, in one choice", async () => {
  start({});
  const file = new File(["Prices"], "Price list.pdf");
  await userEvent.upload(
    await screen.findByLabelText("Use a file of your own", { selector: "input" }),
    file,
  );
  expect(await screen.findByText("playground")).toBeVisible();
});

test("a document that cannot be read says why, and trying again makes no second bot", async () => {
  const made = start({
    states: [document("failed", { code: "no_text", detail: "It holds no text." })],
  });
  await click("Try it with a sample");
  expect(await screen.findByText("It holds no text.")).toBeVisible();
  await click("Try again");
  expect(await screen.findByText(/playground/)).toBeVisible();
  expect(made).toEqual(["bot"]);
});

test("a refusal of the upload is told, and the way stays open", async () => {
  start({});
  server.use(
    http.post("*/api/v1/bots/bot_1/documents", () =>
      problem(403, "limit_reached", { detail: "Your plan allows no more." }),
    ),
  );
  await click("Try it with a sample");
  expect(await screen.findByRole("alert")).toHaveTextContent("Your plan allows no more.");
  expect(screen.getByRole("button", { name: "Try again" })).toBeVisible();
});

test("who may not create anything is not offered to", async () => {
  start({ role: "viewer" });
  expect(await screen.findByText("No bots yet")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Try it with a sample" })).toBeNull();
});

test("a workspace with bots shows them, what is left to do, and today's figures", async () => {
  start({ bots: [bot("bot_2", 3)] });
  expect(await screen.findByRole("link", { name: "Bot bot_2" })).toHaveAttribute(
    "href",
    "/bots/bot_2/playground",
  );
  expect(screen.getByRole("link", { name: /Add documents/ })).toBeVisible();
  expect(screen.getByText("2 of 4 done")).toBeVisible();
  expect(screen.getByText("Messages")).toBeVisible();
});

test("the bots that were used last come first", () => {
  const bots = ["a", "b", "c", "d"].map((id) => bot(id)) as unknown as Bot[];
  expect(lastUsed(bots, ["gone", "d", "b"]).map(({ id }) => id)).toEqual(["d", "b", "a"]);
});
