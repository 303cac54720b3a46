import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { server } from "@/test/server";
import { show } from "@/test/show";
import { Overview } from "./overview";

function start({ role = "owner", failed = 0 } = {}) {
  const deleted: string[] = [];
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({ user: {}, workspaces: [{ id: "ws_1", name: "Acme", role }] }),
    ),
    http.get("*/api/v1/bots/bot_1", () =>
      HttpResponse.json({
        id: "bot_1",
        name: "Acme Support",
        description: "About bikes",
        published_version: null,
        configuration: {},
      }),
    ),
    http.get("*/api/v1/bots/bot_1/versions", () =>
      HttpResponse.json({ data: [], next_cursor: null }),
    ),
    http.get("*/api/v1/bots/bot_1/conversations", () =>
      HttpResponse.json({
        data: [{ id: "conv_1", title: "How long is it?", updated_at: "2026-11-20T08:00:00Z" }],
      }),
    ),
    http.get("*/api/v1/bots/bot_1/summary", () =>
      HttpResponse.json({
        bot_id: "bot_1",
        bytes: 1000,
        chunks: 5,
        conversations: 7,
        documents: { pending: 0, processing: 0, ready: 3, failed },
        failed_today: 0,
        feedback: { up: 3, down: 1 },
        messages_today: 12,
      }),
    ),
    http.delete("*/api/v1/bots/bot_1", ({ params }) => {
      deleted.push(String(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
  );
  show(Overview, {
    at: "/bots/bot_1",
    path: "/bots/:botId",
    token: "a-token",
    elsewhere: { "/bots": () => <p>all bots</p> },
  });
  return deleted;
}

test("the figures, the last conversations and what to do next are shown", async () => {
  start();
  expect(await screen.findByText("75%")).toBeVisible();
  expect(screen.getByText("3 of 4 ratings")).toBeVisible();
  expect(await screen.findByRole("link", { name: /How long is it/ })).toHaveAttribute(
    "href",
    "/bots/bot_1/conversations/conv_1",
  );
  expect(screen.getByRole("link", { name: "Review and publish" })).toBeVisible();
});

test("documents that failed are led to", async () => {
  start({ failed: 2 });
  expect(await screen.findByText("2 documents could not be read")).toBeVisible();
  expect(screen.getByRole("link", { name: "See why" })).toHaveAttribute(
    "href",
    "/bots/bot_1/knowledge?status=failed",
  );
});

test("a bot is deleted only by whoever types its name", async () => {
  const deleted = start();
  await userEvent.click(await screen.findByRole("button", { name: "Delete the bot" }));
  const confirm = await screen.findByLabelText("Type “Acme Support” to confirm");
  await userEvent.type(confirm, "Acme");
  await userEvent.keyboard("{Enter}");
  expect(await screen.findByText("That is not its name.")).toBeVisible();
  expect(deleted).toHaveLength(0);
  await userEvent.type(confirm, " Support{Enter}");
  await waitFor(() => expect(deleted).toHaveLength(1));
  expect(await screen.findByText("all bots")).toBeVisible();
});

test("a viewer is shown neither deletion nor what an editor would do next", async () => {
  start({ role: "viewer", failed: 1 });
  expect(await screen.findByText("75%")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Delete the bot" })).toBeNull();
  expect(screen.queryByRole("link", { name: "See why" })).toBeNull();
});
