// Runs within the page, before its own scripts: answers what the chat asks of the API.
const { seconds, rate } = window.bench;
const MESSAGES = 10_000;
const DATE = "2026-01-01T00:00:00Z";
const real = window.fetch.bind(window);
const encoder = new TextEncoder();
const json = (body) =>
  new Response(JSON.stringify(body), { headers: { "Content-Type": "application/json" } });
const list = (data) => json({ data, next_cursor: null, has_more: false });

const bot = { id: "bot_1", name: "Bench", configuration: {}, published_version: null };
const conversation = { id: "conv_1", bot_id: "bot_1", title: "Bench", updated_at: DATE };
const me = {
  user: { id: "usr_1", email: "a@example.com", full_name: "Ada" },
  workspaces: [{ id: "ws_1", name: "Bench", role: "owner" }],
};

const message = (n) => ({
  id: `msg_${n}`,
  conversation_id: "conv_long",
  parent_id: n === 0 ? null : `msg_${n - 1}`,
  role: n % 2 ? "assistant" : "user",
  content: n % 2 ? `Answer **${n}**.\n\n${"A sentence. ".repeat(n % 50)}` : `Question ${n}?`,
  status: "completed",
  citations: [],
  usage: { prompt_tokens: 0, completion_tokens: 0 },
  timings: {},
  model: "bench",
  fallbacks: [],
  degraded: false,
  error: null,
  feedback: null,
  created_at: DATE,
});

function page(url) {
  const end = Number(url.searchParams.get("cursor") ?? MESSAGES);
  const data = Array.from({ length: Math.min(100, end) }, (_, i) => message(end - 1 - i));
  const next = end > 100 ? String(end - 100) : null;
  return json({ data, next_cursor: next, has_more: next !== null });
}

const WORDS = "The **warranty** lasts two years for the `frame` and covers all parts. ".split(
  /(?<= )/,
);
const MARKS = { 0: "\n\n## A title\n\n", 60: "\n\n- ", 120: "\n\n```js\n", 160: "```\n\n" };
const isCode = (place) => place > 120 && place < 160;

/** Prose, a list and code, over and over. */
function token(n) {
  const place = n % 240;
  return MARKS[place] ?? (isCode(place) ? `call(${n});\n` : WORDS[n % WORDS.length]);
}

const TEXT = Array.from({ length: seconds * rate }, (_, n) => token(n));
const ids = { message_id: "msg_a", conversation_id: "conv_1", user_message_id: "msg_q" };
const whole = {
  ...message(1),
  id: "msg_a",
  conversation_id: "conv_1",
  parent_id: "msg_q",
  content: TEXT.join(""),
};

function write(controller) {
  let seq = 0;
  const say = (type, data) => {
    seq += 1;
    const frame = `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ ...data, seq })}\n\n`;
    controller.enqueue(encoder.encode(frame));
  };
  say("message.started", ids);
  const from = performance.now();
  let sent = 0;
  const timer = setInterval(() => {
    const due = Math.min(((performance.now() - from) / 1000) * rate, TEXT.length);
    for (; sent < due; sent += 1) say("message.delta", { text: TEXT[sent] });
    if (sent < TEXT.length) return;
    clearInterval(timer);
    say("message.completed", { message: whole });
    controller.close();
  }, 5);
}

const answer = () =>
  new Response(new ReadableStream({ start: write }), {
    headers: { "Content-Type": "text/event-stream" },
  });

const routes = [
  [/\/auth\/refresh$/, () => json({ access_token: "bench" })],
  [/\/me$/, () => json(me)],
  [/\/bots\/bot_1\/chat$/, answer],
  [/\/bots\/bot_1$/, () => json(bot)],
  [/\/bots\/bot_1\/documents$/, () => list([{ id: "doc_1", title: "Doc" }])],
  [/\/conversations\/conv_long\/messages$/, page],
  [/\/conversations\/[^/]+$/, () => json(conversation)],
  [/./, () => list([])],
];
window.fetch = async (input, init) => {
  const url = new URL(input instanceof Request ? input.url : input, location.href);
  if (!url.pathname.startsWith("/api/")) return real(input, init);
  return routes.find(([path]) => path.test(url.pathname))[1](url);
};
localStorage.setItem("chatsphere-session", "1");
