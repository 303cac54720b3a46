import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { settleDeletions } from "@/shared/undo";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { fileOf } from "./bot-file";
import { Bots } from "./bots";

const bot = {
  id: "bot_1",
  name: "Acme Support",
  description: "About bikes",
  configuration: { temperature: 0.2 },
  published_version: null,
  public_id: "pub_1",
  created_at: "2026-11-20T08:00:00Z",
  updated_at: "2026-11-20T08:00:00Z",
};

function start(answer = () => HttpResponse.json({ ...bot, id: "bot_2" }, { status: 201 })) {
  const made: unknown[] = [];
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({ user: {}, workspaces: [{ id: "ws_1", name: "Acme", role: "editor" }] }),
    ),
    http.get("*/api/v1/bots", () => HttpResponse.json({ data: [bot], next_cursor: null })),
    http.post("*/api/v1/bots", async ({ request }) => {
      made.push(await request.json());
      return answer();
    }),
  );
  show(Bots, {
    token: "a-token",
    elsewhere: { "/bots/bot_2/knowledge": () => <p>knowledge of the new bot</p> },
  });
  return made;
}

async function choose(deed: string) {
  await userEvent.click(await screen.findByRole("button", { name: "More for Acme Support" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: deed }));
}

async function importFile(content: string) {
  await userEvent.click(await screen.findByRole("button", { name: "Import" }));
  await screen.findByRole("button", { name: "Choose a file" });
  const input = document.querySelector("input[type=file]") as HTMLInputElement;
  await userEvent.upload(input, new File([content], "bot.json", { type: "application/json" }));
}

test("a clone has the settings under a name of its own", async () => {
  const made = start();
  await choose("Clone");
  const name = await screen.findByLabelText("Name");
  expect(name).toHaveValue("Copy of Acme Support");
  expect(screen.getByText(/documents and conversations do not/)).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Make the copy" }));
  expect(await screen.findByText("knowledge of the new bot")).toBeVisible();
  const { description, configuration } = bot;
  expect(made).toEqual([{ name: "Copy of Acme Support", description, configuration }]);
});

test("what was exported can be imported", async () => {
  const made = start();
  await importFile(await fileOf(bot).text());
  await userEvent.click(await screen.findByRole("button", { name: "Import the bot" }));
  expect(await screen.findByText("knowledge of the new bot")).toBeVisible();
  const { name, description, configuration } = bot;
  expect(made).toEqual([{ name, description, configuration }]);
});

test("a file that holds no bot is refused, and another can be chosen", async () => {
  const made = start();
  await importFile('{"name": "x"}');
  expect(await screen.findByRole("alert")).toHaveTextContent("There is no bot in this file.");
  expect(screen.getByRole("button", { name: "Choose another file" })).toBeVisible();
  expect(made).toHaveLength(0);
});

test("settings that the server refuses are said with its reason", async () => {
  const detail = "There is no setting called 'mood'.";
  const errors = [{ pointer: "/configuration/mood", detail }];
  start(() => problem(422, "invalid_request", { detail, errors }));
  await importFile(await fileOf({ ...bot, configuration: { mood: "good" } }).text());
  await userEvent.click(await screen.findByRole("button", { name: "Import the bot" }));
  expect(await screen.findByText(detail)).toBeVisible();
});

test("a bot that is deleted is gone at once, and the server is told afterwards", async () => {
  start();
  const deleted: string[] = [];
  server.use(
    http.delete("*/api/v1/bots/:id", ({ params }) => {
      deleted.push(String(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await choose("Delete");
  await waitFor(() => expect(screen.queryByText("Acme Support")).toBeNull());
  expect(deleted).toEqual([]);
  await settleDeletions();
  expect(deleted).toEqual(["bot_1"]);
});
