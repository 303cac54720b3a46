import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { iAm, page } from "@/test/me";
import { server } from "@/test/server";
import { show } from "@/test/show";
import { Audit } from "./audit";

const entry = {
  id: "aud_1",
  seq: 7,
  at: "2026-11-23T08:00:00Z",
  actor: { kind: "user", id: "usr_ada" },
  action: "bot.created",
  subject: { type: "bot", id: "bot_1" },
  address: "127.0.0.1",
  request_id: "r1",
  data: { name: "Support" },
  body: "{}",
  previous_hash: "aaa",
  hash: "bbb",
};

function start(at: string, data: object[] = [entry], next: string | null = null) {
  iAm("admin");
  const asked: URLSearchParams[] = [];
  const member = { user_id: "usr_ada", full_name: "Ada King", email: "", role: "admin" };
  server.use(
    http.get("*/api/v1/audit_events", ({ request }) => {
      asked.push(new URL(request.url).searchParams);
      return HttpResponse.json(page(data, next));
    }),
    http.get("*/members", () => HttpResponse.json(page([member]))),
    http.get("*/api/v1/api_keys", () => HttpResponse.json(page([]))),
  );
  return { ...show(Audit, { at, token: "a-token" }), asked };
}

test("filters stand in the address, and are what the server is asked by", async () => {
  const { asked } = start("/workspace/audit?kind=bot&actor=usr_ada&target=bot_1&from=2026-11-01");
  expect(await screen.findByRole("row", { name: /Bot created.*Ada King bot_1/ })).toBeVisible();
  expect(Object.fromEntries(asked[0] ?? [])).toMatchObject({
    action: "bot.",
    actor: "usr_ada",
    target: "bot_1",
    from: "2026-11-01",
  });
});

test("another filter begins at the newest entries", async () => {
  const { router } = start("/workspace/audit?cursor=c2");
  await userEvent.type(await screen.findByLabelText("Object"), "doc_9{Enter}");
  expect(router.state.location.search).toBe("?target=doc_9");
});

test("older entries have an address that keeps the filters", async () => {
  start("/workspace/audit?kind=bot", [entry], "c2");
  const link = await screen.findByRole("link", { name: "Older" });
  expect(link).toHaveAttribute("href", "/workspace/audit?kind=bot&cursor=c2");
});

test("an entry opens with all that is known of it, and leads to others about the same", async () => {
  const { router } = start("/workspace/audit");
  await userEvent.click(await screen.findByRole("button", { name: "Bot created" }));
  expect(await screen.findByText("Support")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "More about the same" }));
  expect(router.state.location.search).toBe("?target=bot_1");
});

test("filters that nothing fits are told from a log that is empty", async () => {
  const { router } = start("/workspace/audit?kind=crawl", []);
  expect(await screen.findByText("No entry matches these filters")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Clear the search" }));
  expect(router.state.location.search).toBe("");
  expect(await screen.findByText("Nothing has happened yet")).toBeVisible();
});

test("a broken chain is told with the place of the break", async () => {
  start("/workspace/audit");
  server.use(
    http.get("*/audit_events/verification", () =>
      HttpResponse.json({ intact: false, entries: 9, head: "x", first_break: 5 }),
    ),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Check the chain" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("broken at entry 5");
});
