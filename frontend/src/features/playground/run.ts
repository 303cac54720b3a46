import { api, type Message } from "@/shared/api/inside";
import { type AnswerEvent, answerEvents, type SessionStore } from "@/shared/api/stream";
import { messagesApi, messagesSaid } from "@/shared/chat/messages";
import { LiveAnswer, pendingAnswer, questionOf } from "./live-answer";

/** What is asked for: an answer to a new question, another one to an old, or the rest of one. */
export type Wish =
  | { kind: "ask"; content: string; path: string; body: unknown; parentId: string | null }
  | { kind: "regenerate"; answer: Message }
  | { kind: "follow"; answer: Message };

type Started = Extract<AnswerEvent, { type: "message.started" }>["data"];

function followingOf(wish: Wish) {
  if (wish.kind === "ask") return { ask: { path: wish.path, body: wish.body } };
  if (wish.kind === "follow") return { messageId: wish.answer.id };
  return { ask: { path: `/api/v1/messages/${wish.answer.id}/regenerate`, body: {} } };
}

/** The messages that a start makes: the question if it is new, and the pending answer. */
function messagesOf(wish: Wish, started: Started): [...Message[], Message] {
  const { conversation_id, user_message_id } = started;
  const answer = pendingAnswer({
    conversation_id,
    id: started.message_id,
    parent_id: user_message_id,
  });
  if (wish.kind !== "ask") return [answer];
  const place = { conversation_id, id: user_message_id, parent_id: wish.parentId };
  return [questionOf(place, wish.content), answer];
}

interface Hearers {
  onCut: (isCut: boolean) => void;
  onLive: (live: LiveAnswer) => void;
}

/** Follows one wish to its end, and keeps what comes of it with the messages that were fetched. */
export class Run {
  live: LiveAnswer | null = null;
  /** Asked for, whether or not the answer has begun. */
  isStopping = false;
  private readonly abort = new AbortController();

  constructor(
    private readonly store: SessionStore,
    private readonly wish: Wish,
    private readonly hearers: Hearers,
  ) {}

  /** No more of it: the server goes on without us. */
  leave(): void {
    this.abort.abort();
  }

  /** What is left to wish for, should it have failed. */
  get rest(): Wish {
    return this.live ? { kind: "follow", answer: this.live.message } : this.wish;
  }

  async toEnd(): Promise<void> {
    const { signal } = this.abort;
    const following = { ...followingOf(this.wish), signal, onCut: this.hearers.onCut };
    try {
      for await (const events of answerEvents(this.store, following)) {
        if (signal.aborted) return;
        for (const event of events) if (event.type === "message.started") this.start(event.data);
        this.live?.take(events);
      }
    } finally {
      this.keep();
    }
  }

  private keep(): void {
    if (!this.live) return;
    const { message } = this.live;
    this.dispatch(messagesSaid(message.conversation_id, [message]));
    this.dispatch(api.util.invalidateTags(["Conversations"]));
  }

  private start(started: Started): void {
    if (this.live) return;
    const messages = messagesOf(this.wish, started);
    this.live = new LiveAnswer(messages.at(-1) as Message);
    const id = started.conversation_id;
    const kept = messagesApi.endpoints.messagesFromEnd.select(id)(this.store.getState() as never);
    if (kept.data) this.dispatch(messagesSaid(id, messages));
    else if (this.wish.kind === "ask" && this.wish.parentId === null) this.keepNew(id, messages);
    this.hearers.onLive(this.live);
  }

  /** A conversation that began with this question holds nothing else: it need not be fetched. */
  private keepNew(id: string, messages: readonly Message[]): void {
    const page = { data: [...messages].reverse(), has_more: false, next_cursor: null };
    const data = { pages: [page], pageParams: [null] };
    this.dispatch(messagesApi.util.upsertQueryData("messagesFromEnd", id, data));
  }

  private dispatch(action: unknown): void {
    this.store.dispatch(action as never);
  }
}
