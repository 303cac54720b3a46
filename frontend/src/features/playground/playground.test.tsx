import { configure, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Message } from "@/shared/api/inside";
import { sampleMessage } from "@/test/message";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Playground } from "./playground";

// Markdown, a list and a dialog at once are much for jsdom.
configure({ asyncUtilTimeout: 5000 });
vi.setConfig({ testTimeout: 20_000 });

const PATH = "/bots/:botId/playground/:conversationId?";
const ABILITY = { next_cursor: null, has_more: false };
const page = (data: unknown[]) => HttpResponse.json({ data, ...ABILITY });

const message = (id: string, more: Partial<Message> = {}) =>
  sampleMessage({ id, parent_id: "msg_q", ...more });

const question = message("msg_q", { role: "user", parent_id: null, content: "When?" });

const frame = (seq: number, type: string, data: object) =>
  `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ ...data, seq })}\n\n`;

const begin = (id = "msg_a") =>
  frame(1, "message.started", {
    message_id: id,
    conversation_id: "conv_1",
    user_message_id: "msg_q",
  });

/** A stream that the test goes on with. */
function openStream() {
  const encoder = new TextEncoder();
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
  });
  return {
    response: () => new HttpResponse(body, { headers: { "Content-Type": "text/event-stream" } }),
    say: (...frames: string[]) => controller?.enqueue(encoder.encode(frames.join(""))),
  };
}

const bot = { id: "bot_1", name: "Acme", published_version: null, configuration: {} };
const conversation = { id: "conv_1", bot_id: "bot_1", title: "Hours", updated_at: "2026-01-01" };

beforeEach(() => {
  // jsdom lays nothing out: the list is told that it is as high as a window.
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(800);
  vi.spyOn(HTMLElement.prototype, "offsetHeight", "get").mockReturnValue(100);
  Element.prototype.scrollTo = () => undefined;
  const me = { user: { id: "usr_1", full_name: "Ada" }, workspaces: [{ id: "w", role: "owner" }] };
  server.use(
    http.get("*/api/v1/me", () => HttpResponse.json(me)),
    http.get("*/api/v1/bots/bot_1", () => HttpResponse.json(bot)),
    http.get("*/api/v1/bots/bot_1/documents", () => page([{ id: "doc_1", title: "Hours.pdf" }])),
    http.get("*/api/v1/bots/bot_1/conversations", () => page([])),
    http.get("*/api/v1/conversations/conv_1", () => HttpResponse.json(conversation)),
  );
});

const showAt = (at: string) => show(Playground, { at, path: PATH, token: "a-token" });

async function ask(text: string) {
  await userEvent.type(await screen.findByLabelText("Your question"), `${text}{Enter}`);
}

test("a question begins a conversation, and its answer is shown as it comes", async () => {
  const stream = openStream();
  const bodies: unknown[] = [];
  server.use(
    http.post("*/api/v1/bots/bot_1/chat", async ({ request }) => {
      bodies.push(await request.json());
      return stream.response();
    }),
  );
  const { router } = showAt("/bots/bot_1/playground");
  await ask("When?");
  expect(await screen.findByRole("article", { name: "Question" })).toHaveTextContent("When?");
  expect(screen.getByLabelText("Your question")).toHaveValue("");
  stream.say(begin(), frame(2, "message.delta", { text: "We open " }));
  expect(await screen.findByText("We open")).toBeVisible();
  expect(router.state.location.pathname).toBe("/bots/bot_1/playground/conv_1");
  const made = message("msg_a", { content: "We open at nine." });
  stream.say(
    frame(3, "message.delta", { text: "at nine." }),
    frame(4, "message.completed", { message: made }),
  );
  expect(await screen.findByRole("button", { name: "Answer again" })).toBeVisible();
  expect(screen.getByRole("article", { name: "Answer" })).toHaveTextContent("We open at nine.");
  expect(screen.getAllByRole("article")).toHaveLength(2);
  expect(bodies).toEqual([{ message: "When?", version: "draft" }]);
});

test("what is refused says why, and the question can be changed and sent again", async () => {
  server.use(
    http.post("*/api/v1/bots/bot_1/chat", () =>
      problem(402, "quota_exceeded", { detail: "The plan's messages are used up." }),
    ),
  );
  showAt("/bots/bot_1/playground");
  await ask("When?");
  expect(await screen.findByRole("alert")).toHaveTextContent("The plan's messages are used up.");
  expect(screen.getByRole("article", { name: "Question" })).toHaveTextContent("When?");
  await userEvent.click(screen.getByRole("button", { name: "Edit and ask again" }));
  expect(screen.getByLabelText("Your question")).toHaveValue("When?");
});

test("an answer that was under way when the page was loaded again is taken up from its start", async () => {
  const stream = openStream();
  const waiting = message("msg_a", { status: "streaming", content: "We o" });
  server.use(
    http.get("*/api/v1/conversations/conv_1/messages", () => page([waiting, question])),
    http.get("*/api/v1/messages/msg_a/stream", () => stream.response()),
  );
  showAt("/bots/bot_1/playground/conv_1");
  await screen.findByRole("button", { name: "Stop" });
  stream.say(begin(), frame(2, "message.delta", { text: "We open at nine." }));
  expect(await screen.findByText("We open at nine.")).toBeVisible();
});

test("Esc stops the answer, and what came of it stays", async () => {
  const stream = openStream();
  const stopped = vi.fn();
  server.use(
    http.post("*/api/v1/bots/bot_1/chat", () => stream.response()),
    http.post("*/api/v1/messages/msg_a/stop", () => {
      stopped();
      return HttpResponse.json(message("msg_a"), { status: 202 });
    }),
  );
  showAt("/bots/bot_1/playground");
  await ask("When?");
  stream.say(begin(), frame(2, "message.delta", { text: "We open" }));
  await screen.findByText("We open");
  await userEvent.type(screen.getByLabelText("Your question"), "{Escape}");
  await waitFor(() => expect(stopped).toHaveBeenCalledOnce());
  const made = message("msg_a", { status: "stopped", content: "We open" });
  stream.say(frame(3, "message.stopped", { message: made }));
  expect(await screen.findByText("Stopped here.")).toBeVisible();
  expect(screen.getByText("We open")).toBeVisible();
});

test("Enter while an input method composes, and Shift+Enter, do not send", async () => {
  showAt("/bots/bot_1/playground");
  const field = await screen.findByLabelText("Your question");
  await userEvent.type(field, "a{Shift>}{Enter}{/Shift}b");
  expect(field).toHaveValue("a\nb");
  const enter = new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true });
  field.dispatchEvent(enter);
  expect(field).toHaveValue("a\nb");
  expect(screen.queryByRole("article")).toBeNull();
});

test("another answer stands beside the first, and one can go back to it", async () => {
  const first = message("msg_a", { content: "At nine." });
  const stream = openStream();
  server.use(
    http.get("*/api/v1/conversations/conv_1/messages", () => page([first, question])),
    http.post("*/api/v1/messages/msg_a/regenerate", () => stream.response()),
  );
  showAt("/bots/bot_1/playground/conv_1");
  await userEvent.click(await screen.findByRole("button", { name: "Answer again" }));
  const made = message("msg_b", { content: "At ten." });
  stream.say(begin("msg_b"), frame(2, "message.completed", { message: made }));
  expect(await screen.findByText("At ten.")).toBeVisible();
  expect(await screen.findByText("2 of 2")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Previous version" }));
  expect(await screen.findByText("At nine.")).toBeVisible();
  expect(screen.queryByText("At ten.")).toBeNull();
});

test("a no to an answer is kept with its reason", async () => {
  const said: unknown[] = [];
  const answer = message("msg_a", { content: "At nine." });
  server.use(
    http.get("*/api/v1/conversations/conv_1/messages", () => page([answer, question])),
    http.put("*/api/v1/messages/msg_a/feedback", async ({ request }) => {
      said.push(await request.json());
      return HttpResponse.json({});
    }),
  );
  showAt("/bots/bot_1/playground/conv_1");
  await userEvent.click(await screen.findByRole("button", { name: "Not helpful" }));
  await userEvent.type(await screen.findByLabelText(/What would have been right/), "At ten.");
  await userEvent.click(screen.getAllByRole("button", { name: "Send" }).at(-1) as HTMLElement);
  await waitFor(() =>
    expect(said).toEqual([
      { rating: "down" },
      { rating: "down", reason: null, comment: "At ten." },
    ]),
  );
});

test("a conversation that is not there leads to a new one, and nothing can be asked in it", async () => {
  server.use(
    http.get("*/api/v1/conversations/conv_1", () => problem(404, "not_found")),
    http.get("*/api/v1/conversations/conv_1/messages", () => problem(404, "not_found")),
  );
  showAt("/bots/bot_1/playground/conv_1");
  await screen.findByText("This conversation is not there any more");
  expect(screen.queryByLabelText("Your question")).toBeNull();
  for (const link of screen.getAllByRole("link", { name: "New conversation" }))
    expect(link).toHaveAttribute("href", "/bots/bot_1/playground");
});

test("without documents one is led to add some", async () => {
  server.use(http.get("*/api/v1/bots/bot_1/documents", () => page([])));
  showAt("/bots/bot_1/playground");
  expect(await screen.findByRole("link", { name: "Add knowledge" })).toHaveAttribute(
    "href",
    "/bots/bot_1/knowledge",
  );
});
