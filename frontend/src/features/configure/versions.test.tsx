import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { server } from "@/test/server";
import { show } from "@/test/show";
import { Versions } from "./versions";

const configuration = (temperature: number, system_prompt: string) => ({
  temperature,
  system_prompt,
});
const version = (number: number, of: object, note = "") => ({
  bot_id: "bot_1",
  number,
  configuration: of,
  note,
  created_at: "2026-11-20T08:00:00Z",
  created_by: { kind: "user", id: "usr_1", name: "Ada Lovelace" },
  published_at: null,
});

function start({ at = "", published = 2 as number | null, draft = configuration(1, "Be exact.") }) {
  const sent: string[] = [];
  const bot = {
    id: "bot_1",
    name: "Acme",
    description: "",
    published_version: published,
    configuration: draft,
  };
  const versions = [
    version(2, configuration(0.7, "Be kind and short."), "Shorter"),
    version(1, configuration(0.7, "Be kind.")),
  ];
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({ user: {}, workspaces: [{ id: "ws_1", name: "Acme", role: "editor" }] }),
    ),
    http.get("*/api/v1/bots/config_schema", () =>
      HttpResponse.json({
        properties: {
          temperature: { type: "number", minimum: 0, maximum: 2 },
          system_prompt: { type: "string", maxLength: 20_000 },
        },
      }),
    ),
    http.get("*/api/v1/bots/bot_1", () => HttpResponse.json(bot)),
    http.get("*/api/v1/bots/bot_1/versions", () =>
      HttpResponse.json({ data: versions, next_cursor: null, has_more: false }),
    ),
    http.post("*/api/v1/bots/bot_1/versions", async ({ request }) => {
      const { note } = (await request.json()) as { note: string };
      sent.push(`make: ${note}`);
      return HttpResponse.json(version(3, draft), { status: 201 });
    }),
    http.post("*/api/v1/bots/bot_1/versions/:number/publish", ({ params }) => {
      sent.push(`publish ${params.number}`);
      return HttpResponse.json(bot);
    }),
  );
  show(Versions, {
    at: `/bots/bot_1/configure/versions${at}`,
    path: "/bots/:botId/configure/versions",
    token: "a-token",
  });
  return sent;
}

test("two versions are compared setting by setting, long texts word by word", async () => {
  start({ at: "?from=1&to=2" });
  const compared = await screen.findByRole("region", { name: "What differs" });
  expect(within(compared).getByText("1 change")).toBeVisible();
  expect(within(compared).getByRole("insertion")).toHaveTextContent("and short");
  expect(within(compared).queryByRole("deletion")).toBeNull();
});

test("the draft is compared with what is served, and the list tells who made what", async () => {
  start({});
  expect(await screen.findAllByText("2 changes")).toHaveLength(2);
  expect(screen.getByText("Shorter")).toBeVisible();
  expect(screen.getAllByText(/by Ada Lovelace/)).toHaveLength(2);
  expect(screen.getByText("Live")).toBeVisible();
});

test("publishing the draft shows what changes, keeps it with its note and serves it", async () => {
  const sent = start({ at: "?publish=draft" });
  const dialog = await screen.findByRole("dialog", { name: "Publish the draft" });
  expect(dialog).toHaveTextContent("instead of version 2");
  expect(within(dialog).getByText("Temperature")).toBeVisible();
  await userEvent.type(within(dialog).getByLabelText("Note"), "Exact");
  await userEvent.click(within(dialog).getByRole("button", { name: "Publish" }));
  await waitFor(() => expect(sent).toEqual(["make: Exact", "publish 3"]));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a draft that is kept already is published without a second copy", async () => {
  const draft = configuration(0.7, "Be kind and short.");
  const sent = start({ at: "?publish=draft", published: 1, draft });
  await userEvent.click(await screen.findByRole("button", { name: "Publish" }));
  await waitFor(() => expect(sent).toEqual(["publish 2"]));
});

test("rolling back serves the older version, after what changes was shown", async () => {
  const sent = start({});
  await userEvent.click(await screen.findByRole("button", { name: "More for version 1" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Roll back to this" }));
  const dialog = await screen.findByRole("dialog", { name: "Roll back to version 1" });
  expect(within(dialog).getByRole("deletion")).toHaveTextContent("and short");
  await userEvent.click(within(dialog).getByRole("button", { name: "Roll back" }));
  await waitFor(() => expect(sent).toEqual(["publish 1"]));
});
