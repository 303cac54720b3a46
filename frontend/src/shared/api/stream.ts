import type { Dispatch } from "@reduxjs/toolkit";
import { newKey } from "../new-key";
import { refreshSession, selectAccessToken, type WithSession } from "../session";
import { requestHeaders } from "./base-api";
import { eventsOf } from "./event-stream";
import type { Citation, Hit, Message, Problem } from "./inside";

const ATTEMPTS = 10; // of a cut stream, in a row, with waits that double up to WAIT_MAX_MS
const WAIT_MIN_MS = 300;
const WAIT_MAX_MS = 8000;

/** What is said of an answer while it is made; the last three end it. */
export type AnswerEvent =
  | {
      type: "message.started";
      data: { message_id: string; conversation_id: string; user_message_id: string };
    }
  | { type: "retrieval.completed"; data: { sources: Hit[]; degraded: boolean } }
  | { type: "message.delta"; data: { text: string } }
  | { type: "citation.added"; data: { citation: Citation } }
  | { type: "message.completed"; data: { message: Message } }
  | { type: "message.stopped"; data: { message: Message } }
  | { type: "error"; data: { problem: Problem } };

const ENDS: readonly string[] = ["message.completed", "message.stopped", "error"];

export interface SessionStore {
  getState: () => WithSession;
  dispatch: Dispatch;
}

/** The API refused; `data` is its problem, as RTK Query has it. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly data: Problem | undefined,
  ) {
    super(data?.detail ?? `status ${status}`);
  }

  /** Whether the same may work in a moment: a server that restarts, a limit that passes. */
  get isPassing(): boolean {
    const isInFlight = this.data?.code === "idempotency_in_flight";
    return this.status >= 500 || this.status === 429 || isInFlight;
  }
}

interface Request {
  path: string;
  body?: unknown;
  headers?: Record<string, string>;
  signal: AbortSignal;
}

async function open(store: SessionStore, { path, body, headers, signal }: Request) {
  const attempt = () =>
    fetch(new URL(path, location.origin), {
      method: body === undefined ? "GET" : "POST",
      body: body === undefined ? undefined : JSON.stringify(body),
      headers: {
        Accept: "text/event-stream",
        ...(body !== undefined && { "Content-Type": "application/json" }),
        ...requestHeaders(store.getState(), path),
        ...headers,
      },
      signal,
    });
  const token = selectAccessToken(store.getState());
  let response = await attempt();
  if (response.status === 401 && token !== null) {
    const isRenewed = selectAccessToken(store.getState()) !== token;
    if (isRenewed || (await refreshSession(store.dispatch))) response = await attempt();
  }
  if (response.ok && response.body) return response.body;
  const problem: Problem | undefined = await response.json().catch(() => undefined);
  throw new Refusal(response.status, problem);
}

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, fail) => {
    const timer = setTimeout(done, ms);
    const abort = () => {
      clearTimeout(timer);
      fail(signal.reason);
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
  });
}

export interface Following {
  /** What asks for the answer: sent again under its own key until the answer's id is known. */
  ask?: { path: string; body: unknown };
  /** Of an answer that is there already. */
  messageId?: string;
  signal: AbortSignal;
  /** Whether the way to the server is cut just now. */
  onCut?: (isCut: boolean) => void;
}

/** One connection after another, each from where the one before it was cut; every event comes once. */
class Follower {
  private last = 0;
  private failures = 0;
  private messageId: string | undefined;
  private readonly key = newKey();

  constructor(
    private readonly store: SessionStore,
    private readonly following: Following,
  ) {
    this.messageId = following.messageId;
  }

  private request(): Request {
    const { ask, signal } = this.following;
    if (!this.messageId && ask) {
      return { ...ask, headers: { "Idempotency-Key": this.key }, signal };
    }
    const after = this.last ? { "Last-Event-ID": String(this.last) } : undefined;
    return { path: `/api/v1/messages/${this.messageId}/stream`, headers: after, signal };
  }

  private async *connection(): AsyncGenerator<AnswerEvent[]> {
    for await (const events of eventsOf(await open(this.store, this.request()))) {
      const fresh = events.filter(({ id }) => id > this.last) as (AnswerEvent & { id: number })[];
      for (const event of fresh) {
        this.last = event.id;
        if (event.type === "message.started") this.messageId ??= event.data.message_id;
      }
      this.failures = 0;
      this.following.onCut?.(false);
      yield fresh;
      if (fresh.some(({ type }) => ENDS.includes(type))) return;
    }
    throw new Error("the stream was cut");
  }

  private async pause(error: unknown): Promise<void> {
    const { signal, onCut } = this.following;
    this.failures += 1;
    const isFinal = error instanceof Refusal && !error.isPassing;
    if (signal.aborted || isFinal || this.failures >= ATTEMPTS) throw error;
    onCut?.(true);
    const longest = Math.min(WAIT_MAX_MS, WAIT_MIN_MS * 2 ** this.failures);
    await wait(longest * (0.5 + Math.random() / 2), signal); // not all clients at once
  }

  async *events(): AsyncGenerator<AnswerEvent[]> {
    for (;;) {
      try {
        yield* this.connection();
        return;
      } catch (error) {
        await this.pause(error);
      }
    }
  }
}

/** The events of an answer to its end, in bunches as they arrive, each once, whatever is cut in between. */
export const answerEvents = (store: SessionStore, following: Following) =>
  new Follower(store, following).events();
