import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { iAm, page } from "@/test/me";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { byDay, roundUp } from "./measures";
import { daysOf } from "./range";
import { Usage } from "./usage";

const sum = (more: object) => ({
  day: null,
  bot_id: null,
  model: null,
  messages: 4,
  prompt_tokens: 2000,
  completion_tokens: 100,
  documents: 1,
  bytes: 5000,
  chunks: 3,
  ...more,
});
const standing = (name: string, used: number, limit: number | null) => ({
  name,
  used,
  limit,
  renews_at: name.endsWith("_month") ? "2026-12-01T00:00:00Z" : null,
});

function start(at: string, data: object[], limits: object[] = []) {
  iAm("editor");
  const asked: URLSearchParams[] = [];
  server.use(
    http.get("*/api/v1/usage", ({ request }) => {
      const { searchParams } = new URL(request.url);
      asked.push(searchParams);
      return HttpResponse.json({ group_by: searchParams.get("group_by"), data, limits });
    }),
    http.get("*/subscription", () => HttpResponse.json({ plan: { name: "Free" } })),
    http.get("*/api/v1/bots", () => HttpResponse.json(page([{ id: "bot_1", name: "Support" }]))),
  );
  return { ...show(Usage, { at, token: "a-token" }), asked };
}

test("a limit says how much of it is used, and near its end what to do", async () => {
  start(
    "/workspace/usage",
    [],
    [standing("messages_month", 90, 100), standing("bots", 2, 2), standing("members", 3, null)],
  );
  expect(await screen.findByRole("meter", { name: "Messages this month" })).toHaveAttribute(
    "aria-valuetext",
    "90 of 100",
  );
  expect(screen.getByText("Almost used up")).toBeVisible();
  expect(screen.getByText(/Wait until it renews/)).toBeVisible();
  expect(screen.getByText("Used up")).toBeVisible();
  expect(screen.getByText(/Delete what you no longer need/)).toBeVisible();
  expect(screen.getByText("No limit")).toBeVisible();
});

test("the chart says what it shows, and is a table for who wants one", async () => {
  const day = new Date().toISOString().slice(0, 10);
  start("/workspace/usage", [sum({ day })]);
  expect(await screen.findByRole("img", { name: /Messages by day. The most was 4/ })).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Show as a table" }));
  expect(screen.getByRole("row", { name: /4 2,100 1 5 kB/ })).toBeVisible();
});

test("what is looked at stands in the address", async () => {
  const { asked, router } = start("/workspace/usage?by=bot&range=7", [sum({ bot_id: "bot_1" })]);
  expect(await screen.findByRole("link", { name: "Support" })).toBeVisible();
  expect(asked[0]?.get("group_by")).toBe("bot");
  await userEvent.click(screen.getByRole("radio", { name: /Tokens/ }));
  expect(router.state.location.search).toContain("measure=tokens");
  expect(await screen.findAllByText("2,100")).toHaveLength(2);
});

test("a failure is said with its reason", async () => {
  start("/workspace/usage", []);
  server.use(http.get("*/api/v1/usage", () => problem(503, "unavailable", { detail: "Later." })));
  expect(await screen.findByText("Later.")).toBeVisible();
});

test("days on which nothing was used are there, with nothing", () => {
  const points = byDay([sum({ day: "2026-11-02" }) as never], "messages", {
    from: "2026-11-01",
    to: "2026-11-03",
  });
  expect(points.map(({ amount }) => amount)).toEqual([0, 4, 0]);
});

test("a range ends today, and the month begins on its first", () => {
  const now = Date.parse("2026-03-01T23:59:00Z");
  expect(daysOf("7", now)).toEqual({ from: "2026-02-23", to: "2026-03-01" });
  expect(daysOf("month", now)).toEqual({ from: "2026-03-01", to: "2026-03-01" });
});

test.each([
  [0, 2],
  [1, 2],
  [5, 6],
  [11, 20],
  [101, 200],
])("a scale for %d ends at %d", (most, top) => expect(roundUp(most)).toBe(top));
