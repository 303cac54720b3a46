import { HttpResponse, http } from "msw";
import { makeStore } from "@/app/store";
import { sessionBegan } from "@/shared/session";
import { problem, server } from "@/test/server";
import { eventParser, eventsOf } from "./event-stream";
import { type AnswerEvent, answerEvents, type Following, Refusal } from "./stream";

const frame = (id: number, type: string, data: object) =>
  `id: ${id}\nevent: ${type}\ndata: ${JSON.stringify({ ...data, seq: id })}\n\n`;

const started = frame(1, "message.started", {
  message_id: "msg_1",
  conversation_id: "conv_1",
  user_message_id: "msg_0",
});
const delta = (id: number, text: string) => frame(id, "message.delta", { text });
const completed = (id: number) => frame(id, "message.completed", { message: { id: "msg_1" } });

const stream = (...parts: (string | Uint8Array)[]) => {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>({
    start(controller) {
      for (const part of parts) {
        controller.enqueue(typeof part === "string" ? encoder.encode(part) : part);
      }
      controller.close();
    },
  });
};

const response = (...parts: string[]) =>
  new HttpResponse(stream(...parts), { headers: { "Content-Type": "text/event-stream" } });

async function read(following: Omit<Following, "signal">, signal = new AbortController().signal) {
  const store = makeStore();
  store.dispatch(sessionBegan("a-token"));
  const all: AnswerEvent[] = [];
  for await (const events of answerEvents(store, { ...following, signal })) all.push(...events);
  return all;
}

const textOf = (events: readonly AnswerEvent[]) =>
  events.map((event) => (event.type === "message.delta" ? event.data.text : "")).join("");

const ask = { path: "/api/v1/bots/bot_1/chat", body: { message: "When?" } };

beforeEach(() => void vi.spyOn(Math, "random").mockReturnValue(0));

test("events come whole however the bytes are cut, in the middle of a letter too", async () => {
  const bytes = new TextEncoder().encode(
    `: keep-alive\r\n\r\n${delta(2, "Grüße 👋")}${completed(3)}`,
  );
  const texts: unknown[] = [];
  const single = Array.from(bytes, (byte) => new Uint8Array([byte]));
  for await (const events of eventsOf(stream(...single))) texts.push(...events.map((e) => e.data));
  expect(texts).toEqual([
    { text: "Grüße 👋", seq: 2 },
    { message: { id: "msg_1" }, seq: 3 },
  ]);
});

test("an event ends at its empty line, whichever of the three line ends is used", () => {
  const parse = eventParser();
  expect(parse('id: 7\r\nevent: a\r\ndata: {"n":\r')).toEqual([]);
  expect(parse("\ndata: 1}\r\n\r")).toEqual([]);
  expect(parse("\n")).toEqual([{ id: 7, type: "a", data: { n: 1 } }]);
  expect(parse('data:"b"\n\ndata: "c"\r\r:')).toEqual([
    { id: 0, type: "message", data: "b" },
    { id: 0, type: "message", data: "c" },
  ]);
});

test("an answer that is cut goes on from its last event, with nothing lost and nothing twice", async () => {
  const asked: (string | null)[] = [];
  server.use(
    http.post("*/api/v1/bots/bot_1/chat", () => response(started, delta(2, "We open "))),
    http.get("*/api/v1/messages/msg_1/stream", ({ request }) => {
      asked.push(request.headers.get("Last-Event-ID"));
      if (asked.length === 1) return problem(503, "dependency_unavailable");
      // Some of it again, and cut in the middle of an event.
      if (asked.length === 2) return response(delta(2, "We open "), delta(3, "at "), "id: 4\nev");
      return response(delta(4, "nine."), completed(5));
    }),
  );
  const cuts: boolean[] = [];
  const events = await read({ ask, onCut: (isCut) => cuts.push(isCut) });
  expect(textOf(events)).toBe("We open at nine.");
  expect(asked).toEqual(["2", "2", "3"]);
  expect(cuts).toContain(true);
  expect(cuts.at(-1)).toBe(false);
});

test("a question whose answer never began is sent again under the same key", async () => {
  const keys: (string | null)[] = [];
  server.use(
    http.post("*/api/v1/bots/bot_1/chat", ({ request }) => {
      keys.push(request.headers.get("Idempotency-Key"));
      return keys.length === 1 ? HttpResponse.error() : response(started, completed(2));
    }),
  );
  expect((await read({ ask })).at(-1)?.type).toBe("message.completed");
  expect(keys).toHaveLength(2);
  expect(keys[0]).toBeTruthy();
  expect(keys[1]).toBe(keys[0]);
});

test("an answer that is there already is followed from its start", async () => {
  server.use(
    http.get("*/api/v1/messages/msg_1/stream", ({ request }) => {
      expect(request.headers.get("Last-Event-ID")).toBeNull();
      expect(request.headers.get("Authorization")).toBe("Bearer a-token");
      return response(started, delta(2, "All of it."), completed(3));
    }),
  );
  expect(textOf(await read({ messageId: "msg_1" }))).toBe("All of it.");
});

test("what is refused for good is not tried again, and says why", async () => {
  let count = 0;
  server.use(
    http.post("*/api/v1/bots/bot_1/chat", () => {
      count += 1;
      return problem(402, "quota_exceeded");
    }),
  );
  const error = await read({ ask }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Refusal);
  expect((error as Refusal).data?.code).toBe("quota_exceeded");
  expect(count).toBe(1);
});
