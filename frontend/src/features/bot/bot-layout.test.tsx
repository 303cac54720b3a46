import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { BotLayout } from "./bot-layout";

const version = (number: number, temperature: number) => ({
  number,
  configuration: { temperature },
});

function start({ role = "editor", published = null as number | null, temperature = 0.7 } = {}) {
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({ user: {}, workspaces: [{ id: "ws_1", name: "Acme", role }] }),
    ),
    http.get("*/api/v1/bots/bot_1", () =>
      HttpResponse.json({
        id: "bot_1",
        name: "Acme Support",
        published_version: published,
        configuration: { temperature },
      }),
    ),
    http.get("*/api/v1/bots/bot_1/versions", () =>
      HttpResponse.json({ data: [version(2, 0.2), version(1, 0.7)], next_cursor: null }),
    ),
  );
  show(BotLayout, { at: "/bots/bot_1", path: "/bots/:botId", token: "a-token" });
}

const publish = () => screen.queryByRole("link", { name: "Publish" });

test("a draft says so, and leads to its publication", async () => {
  start();
  expect(await screen.findByText("Draft")).toBeVisible();
  expect(publish()).toHaveAttribute("href", "/bots/bot_1/configure/versions?publish=draft");
});

test("a draft that differs from what is served is told", async () => {
  start({ published: 2 });
  expect(await screen.findByText("Version 2 is live")).toBeVisible();
  expect(screen.getByText("Unpublished changes")).toBeVisible();
  expect(publish()).toBeVisible();
});

test("nothing is to be published where the served version is what the draft is", async () => {
  start({ published: 1 });
  expect(await screen.findByText("Version 1 is live")).toBeVisible();
  expect(screen.queryByText("Unpublished changes")).toBeNull();
  expect(publish()).toBeNull();
});

test("a viewer cannot publish", async () => {
  start({ role: "viewer" });
  expect(await screen.findByText("Draft")).toBeVisible();
  expect(publish()).toBeNull();
});

test("the part one is in is marked among the parts", async () => {
  start();
  expect(await screen.findByRole("link", { name: "Overview", current: "page" })).toBeVisible();
  expect(screen.getAllByRole("link", { current: "page" })).toHaveLength(1);
});

test("a bot that is not there says so, and leads back", async () => {
  start();
  server.use(http.get("*/api/v1/bots/bot_1", () => problem(404, "not_found")));
  expect(await screen.findByText("There is no such bot here")).toBeVisible();
  expect(screen.getByRole("link", { name: "All bots" })).toHaveAttribute("href", "/bots");
});
