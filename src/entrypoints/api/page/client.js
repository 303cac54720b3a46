// Talks to the API: tokens, problems, lists, event streams. Knows nothing of the page.

const PREFIX = "/api/v1";
const ATTEMPTS = 8; // of a cut stream in a row, with waits that double up to WAIT_MAX_MS
const WAIT_MIN_MS = 300;
const WAIT_MAX_MS = 8000;
const SILENCE_MAX_MS = 45_000; // the server says something every 15 s

const WORKSPACE = "chatsphere-workspace";
const IN_COOKIE = { "X-Auth-Mode": "cookie" }; // where the refresh token is kept, and nowhere else
const REFRESHING = "chatsphere-refreshing"; // key of a refresh that was not answered yet

let accessToken = null; // in memory only; the refresh token is a cookie that scripts cannot read
let refreshing = null;
let workspaceId = localStorage.getItem(WORKSPACE);
let sessionEnded = () => {};

/** What the API answered when it refused, in words for a person. */
export class Problem extends Error {
  constructor(status, body = {}) {
    const items = (body.errors ?? []).map((item) => item.detail).filter(Boolean);
    super(items.join(" ") || body.detail || "The service answered in a way this page does not know.");
    this.status = status;
    this.code = body.code;
    this.challenge = body.challenge; // with `second_factor_required`
    this.field = body.errors?.[0]?.pointer?.split("/").pop();
  }
}

/** The service did not answer at all. */
export class Offline extends Error {
  constructor(cause) {
    super("The service does not answer. Check that it runs and try again.", { cause });
  }
}

export const key = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

const wait = (ms, signal) =>
  new Promise((done, fail) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", () => (clearTimeout(timer), fail(signal.reason)), { once: true });
  });

async function reach(url, init) {
  try {
    return await fetch(url, { credentials: "same-origin", ...init });
  } catch (error) {
    throw init?.signal?.aborted ? error : new Offline(error);
  }
}

async function refused(response) {
  const body = await response.json().catch(() => ({}));
  return new Problem(response.status, body);
}

/** The workspace that requests are about; undefined: the first one. Kept for the next visit. */
export function chooseWorkspace(id) {
  workspaceId = id;
  if (id) localStorage.setItem(WORKSPACE, id);
  else localStorage.removeItem(WORKSPACE);
}
export const chosenWorkspace = () => workspaceId;

/** Call this when a session that was there is over. */
export const onSessionEnd = (call) => (sessionEnded = call);

/**
 * Take a new access token by the cookie; false where there is no session. One at a time, in all tabs:
 * a refresh token that is used twice ends the session. An answer that got lost, on the way or because
 * its page was left, is asked for again under the same key.
 */
export function refresh() {
  const exchange = async () => {
    const again = localStorage.getItem(REFRESHING) ?? key();
    localStorage.setItem(REFRESHING, again);
    const ask = () => reach(`${PREFIX}/auth/refresh`, { method: "POST", headers: { ...IN_COOKIE, "Idempotency-Key": again } });
    const response = await ask().catch(() => wait(WAIT_MIN_MS).then(ask));
    localStorage.removeItem(REFRESHING);
    if (response.status === 401) return void (accessToken = null);
    if (!response.ok) throw await refused(response);
    accessToken = (await response.json()).access_token;
  };
  const alone = () => (navigator.locks ? navigator.locks.request("chatsphere-refresh", exchange) : exchange());
  refreshing ??= alone().finally(() => (refreshing = null));
  return refreshing.then(() => accessToken !== null);
}

/** Send a request with the token, once more after a refresh; gives the answer, whatever it is. */
export async function request(url, { body, headers, ...init } = {}) {
  const json = body !== undefined && !(body instanceof FormData);
  const attempt = () =>
    reach(url, {
      ...init,
      method: init.method ?? (body === undefined ? "GET" : "POST"),
      body: json ? JSON.stringify(body) : body,
      headers: {
        ...(json && { "Content-Type": "application/json" }),
        ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
        ...(accessToken && workspaceId && { "X-Workspace-Id": workspaceId }),
        ...headers,
      },
    });
  const response = await attempt();
  if (response.status !== 401 || !accessToken) return response;
  if (await refresh()) return attempt();
  sessionEnded();
  return response;
}

/** The same under the API's prefix; throws Problem or Offline. */
export async function send(path, init) {
  const response = await request(PREFIX + path, init);
  if (!response.ok) throw await refused(response);
  return response;
}

/** The same, giving the JSON of the answer. */
export const call = async (path, init) => (await send(path, init)).json();

/** All items of a list, page after page. */
export async function all(path) {
  const items = [];
  for (let cursor = ""; cursor !== null; ) {
    const page = await call(`${path}?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    items.push(...page.data);
    cursor = page.next_cursor;
  }
  return items;
}

/** Register, log in, or send a code: gives the session, or {status} where a mail must be answered first. */
export async function enter(kind, fields) {
  const made = await call(`/auth/${kind}`, { body: fields, headers: IN_COOKIE });
  accessToken = made.access_token ?? null;
  return made;
}

export async function leave() {
  await send("/auth/logout", { method: "POST" });
  accessToken = null;
}

async function read(reader) {
  const timer = setTimeout(() => reader.cancel(), SILENCE_MAX_MS); // ends the read under way
  return reader.read().finally(() => clearTimeout(timer));
}

/** Parse a text/event-stream (WHATWG HTML 9.2) into {id, type, data}. */
async function* parse(stream) {
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let buffer = "";
  let event = {};
  for (;;) {
    const { done, value } = await read(reader);
    if (done) return;
    const lines = (buffer + value).split(/\r\n|\n|\r(?!$)/);
    buffer = lines.pop();
    for (const line of lines) {
      const [, name, text] = /^([^:]*):? ?(.*)$/.exec(line);
      if (line === "") {
        if (event.data) yield { ...event, data: JSON.parse(event.data) };
        event = {};
      } else if (name === "data") event.data = event.data ? `${event.data}\n${text}` : text;
      else if (name === "event") event.type = text;
      else if (name === "id") event.id = Number(text);
    }
  }
}

/**
 * The events of an answer, each once, whatever is cut. A question is sent again under its own
 * Idempotency-Key until the id of its answer is known; from then on the answer's stream is resumed.
 */
export async function* answer({ question, messageId, signal }) {
  const repeat = question && { body: question.body, headers: { "Idempotency-Key": key() } };
  let last = 0;
  for (let failures = 0; ; ) {
    try {
      const [path, init] = messageId ? [`/messages/${messageId}/stream`, {}] : [question.path, repeat];
      const headers = { ...init.headers, Accept: "text/event-stream" };
      if (messageId && last) headers["Last-Event-ID"] = String(last);
      const response = await send(path, { ...init, headers, signal });
      for await (const event of parse(response.body)) {
        failures = 0;
        if (event.id <= last) continue;
        last = event.id;
        messageId ??= event.data.message_id;
        yield event;
        if (["message.completed", "message.stopped", "error"].includes(event.type)) return;
      }
      throw new Offline();
    } catch (error) {
      const permanent = error instanceof Problem && error.status !== 503 && error.status !== 429;
      if (signal.aborted || permanent || ++failures >= ATTEMPTS) throw error instanceof Problem ? error : new Offline(error);
      await wait(Math.random() * Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** failures), signal);
    }
  }
}
