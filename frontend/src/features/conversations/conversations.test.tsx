import { cleanup, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Conversation } from "@/shared/api/inside";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Conversations } from "./conversations";

const conversation = (number: number, more: Partial<Conversation> = {}): Conversation => ({
  id: `conv_${number}`,
  bot_id: "b",
  title: `Question ${number}`,
  created_at: "2026-11-20T10:00:00Z",
  updated_at: "2026-11-20T10:00:00Z",
  last_message_at: "2026-11-20T10:00:00Z",
  message_count: 2,
  started_by: { kind: "user", id: "usr_2", name: "Grace" },
  feedback: { up: 0, down: 0 },
  match: null,
  ...more,
});

const page = (data: Conversation[], next_cursor: string | null = null) =>
  HttpResponse.json({ data, next_cursor, has_more: next_cursor !== null });

let asked: URLSearchParams[] = [];

function answer(respond: (params: URLSearchParams) => Response) {
  asked = [];
  server.use(
    http.get("*/me", () => HttpResponse.json({ user: { id: "usr_1" }, workspaces: [] })),
    http.get("*/bots/b/conversations", ({ request }) => {
      const params = new URL(request.url).searchParams;
      asked.push(params);
      return respond(params);
    }),
  );
}

// jsdom lays nothing out: rows of no height would all be in view.
beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(73);
});

const open = (search = "") =>
  show(Conversations, { at: `/bots/b/conversations${search}`, path: "/bots/:botId/conversations" });

test("a row tells who, how many messages and what was thought of it", async () => {
  answer(() => page([conversation(1, { feedback: { up: 1, down: 2 } })]));
  open();
  const row = (await screen.findByRole("link", { name: "Question 1" })).closest("li");
  expect(row).toHaveTextContent("Grace");
  expect(row).toHaveTextContent("2 messages");
  expect(row).toHaveTextContent("1 found it helpful");
  expect(row).toHaveTextContent("2 did not find it helpful");
});

test("what is typed is searched for once the typing rests, and the match is marked and led to", async () => {
  const match = { message_id: "msg_9", text: "The battery lasts three years." };
  answer((params) => page([conversation(1, params.get("q") ? { match } : {})]));
  const { router } = open();
  await screen.findByRole("link", { name: "Question 1" });
  await userEvent.type(screen.getByLabelText("Search in all messages"), "battery");
  expect((await screen.findByText("battery")).tagName).toBe("MARK");
  expect(asked.map((params) => params.get("q"))).toEqual([null, "battery"]);
  expect(router.state.location.search).toBe("?q=battery");
  expect(screen.getByRole("link", { name: "Question 1" })).toHaveAttribute(
    "href",
    "/bots/b/conversations/conv_1?q=battery&message=msg_9",
  );
});

test("filters come from the address and go to the API", async () => {
  answer(() => page([conversation(1)]));
  const { router } = open("?status=failed&degraded=true&from=2026-11-01");
  await screen.findByRole("link", { name: "Question 1" });
  expect(Object.fromEntries(asked[0] ?? [])).toEqual({
    status: "failed",
    degraded: "true",
    from: "2026-11-01",
    limit: "50",
  });
  await userEvent.click(screen.getByRole("button", { name: "Clear the filters" }));
  await waitFor(() => expect(router.state.location.search).toBe(""));
});

test("of many only a window is in the document", async () => {
  answer(() => page(Array.from({ length: 300 }, (_, index) => conversation(index))));
  open();
  await screen.findByText("Question 0");
  expect(document.querySelectorAll("li").length).toBeLessThanOrEqual(60);
});

test("the next page is fetched before the end is there", async () => {
  answer((params) =>
    params.get("cursor") ? page([conversation(9)]) : page([conversation(1)], "more"),
  );
  open();
  expect(await screen.findByText("Question 9")).toBeVisible();
  expect(asked.at(-1)?.get("cursor")).toBe("more");
});

test("no conversation, none that fits and a failure are told apart", async () => {
  answer(() => page([]));
  open();
  expect(await screen.findByText("No conversations yet")).toBeVisible();
  cleanup();

  answer(() => page([]));
  open("?q=xylophone");
  expect(await screen.findByText("No conversation with “xylophone” fits")).toBeVisible();
  cleanup();

  answer(() => problem(503, "dependency_unavailable"));
  open();
  expect(await screen.findByText("The conversations could not be loaded")).toBeVisible();
});
