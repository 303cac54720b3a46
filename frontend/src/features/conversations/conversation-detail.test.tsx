import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Conversation, Trace } from "@/shared/api/inside";
import { sampleMessage } from "@/test/message";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { ConversationDetail } from "./conversation-detail";

const message = (id: string, parent_id: string | null, content: string) =>
  sampleMessage({
    id,
    parent_id,
    content,
    role: id.startsWith("q") ? "user" : "assistant",
    conversation_id: "conv_2",
  });

const rated = {
  rating: "down",
  reason: "incomplete",
  comment: "Too short",
  created_at: "",
  updated_at: "",
} as const;

const MESSAGES = [
  message("q1", null, "How long is the warranty?"),
  { ...message("a1", "q1", "Three years."), feedback: rated },
  message("q2", "a1", "And the frame?"),
  message("a2", "q2", "Ten years."),
];

const conversation = (id: string, title: string): Conversation => ({
  id,
  bot_id: "b",
  title,
  created_at: "2026-11-20T10:00:00Z",
  updated_at: "2026-11-20T10:00:00Z",
  last_message_at: null,
  message_count: 4,
  started_by: null,
  feedback: { up: 0, down: 1 },
  match: null,
});

const list = <Item,>(data: Item[], next_cursor: string | null = null) =>
  HttpResponse.json({ data, next_cursor, has_more: next_cursor !== null });

let deleted: string[] = [];

/** The API's pages of messages, newest first: two by two. */
function messagesPage({ request }: { request: Request }) {
  const cursor = new URL(request.url).searchParams.get("cursor");
  const newest = [...MESSAGES].reverse();
  return cursor ? list(newest.slice(2)) : list(newest.slice(0, 2), "older");
}

function answer() {
  deleted = [];
  server.use(
    http.get("*/me", () =>
      HttpResponse.json({ user: { id: "usr_1" }, workspaces: [{ id: "ws", role: "editor" }] }),
    ),
    http.get("*/bots/b/conversations", () =>
      list(["1", "2", "3"].map((n) => conversation(`conv_${n}`, `Conversation ${n}`))),
    ),
    http.get("*/conversations/conv_2", () => HttpResponse.json(conversation("conv_2", "Warranty"))),
    http.get("*/conversations/conv_2/messages", messagesPage),
    http.delete("*/conversations/:id", ({ params }) => {
      deleted.push(String(params.id));
      return new HttpResponse(null, { status: 204 });
    }),
  );
}

const open = (search = "") =>
  show(ConversationDetail, {
    at: `/bots/b/conversations/conv_2${search}`,
    path: "/bots/:botId/conversations/:conversationId",
    elsewhere: { "/bots/b/conversations": () => <p>the list</p> },
  });

// jsdom lays nothing out: the list's window and its items are given a size.
beforeEach(() => {
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(600);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(100);
});

test("the message of the address is fetched however far back it stands, and pointed out", async () => {
  answer();
  open("?message=a1");
  expect(await screen.findByText("The message you looked for")).toBeInTheDocument();
  expect(screen.getByText("Three years.")).toBeInTheDocument();
  expect(screen.getByText("You: not helpful")).toBeInTheDocument();
  expect(screen.getByText("“Something is missing: Too short”")).toBeInTheDocument();
});

test("the ways on lead to its neighbours with the filters, and to the playground", async () => {
  answer();
  open("?status=completed");
  const way = within(await screen.findByRole("navigation", { name: "Conversations" }));
  expect(await way.findByRole("link", { name: "Newer conversation" })).toHaveAttribute(
    "href",
    "/bots/b/conversations/conv_1?status=completed",
  );
  expect(way.getByRole("link", { name: "Older conversation" })).toHaveAttribute(
    "href",
    "/bots/b/conversations/conv_3?status=completed",
  );
  expect(screen.getByRole("link", { name: "Go on in the playground" })).toHaveAttribute(
    "href",
    "/bots/b/playground/conv_2",
  );
});

test("how an answer came about is shown with what was found, and leads to the retrieval lab", async () => {
  answer();
  const trace = {
    bot_version: 3,
    model: "extractive/default",
    usage: { prompt_tokens: 1200, completion_tokens: 40 },
    cost: null,
    fallbacks: [],
    steps: [{ name: "retrieve", started_ms: 2, duration_ms: 10 }],
    sources: [
      {
        chunk_id: "chk_1",
        title: "Terms",
        page: null,
        text: null,
        score: 2.5,
        scores: { vector: 1, keyword: null, rerank: null },
        deleted: false,
      },
    ],
    query: "warranty frame",
  } as unknown as Trace;
  server.use(http.get("*/messages/a2/trace", () => HttpResponse.json(trace)));
  open("?message=a2");
  const answers = await screen.findAllByRole("button", { name: "How it came about" });
  await userEvent.click(answers.at(-1) as HTMLElement);
  expect(await screen.findByText("Version 3")).toBeInTheDocument();
  expect(screen.getByText("1,200 in, 40 out")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: /^Terms/ })).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "See it in the retrieval lab" })).toHaveAttribute(
    "href",
    "/bots/b/retrieval?q=warranty+frame",
  );
});

test("a deleted conversation leads back to the list, and nothing is sent while it can be undone", async () => {
  answer();
  open();
  await userEvent.click(await screen.findByRole("button", { name: "Export or delete" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "Delete" }));
  expect(await screen.findByText("the list")).toBeVisible();
  expect(deleted).toEqual([]);
});

test("one that is not there says so", async () => {
  answer();
  server.use(
    http.get("*/conversations/conv_2", () => problem(404, "not_found")),
    http.get("*/conversations/conv_2/messages", () => problem(404, "not_found")),
  );
  open();
  expect(await screen.findByText("This conversation is not there any more")).toBeVisible();
});
