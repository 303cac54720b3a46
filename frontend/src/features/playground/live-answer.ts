import type { Message } from "@/shared/api/inside";
import type { AnswerEvent } from "@/shared/api/stream";

const frame = (call: () => void) => requestAnimationFrame(call);

/** An answer while it is made. However many pieces come, who watches is told once a frame. */
export class LiveAnswer {
  private told: Message;
  private readonly listeners = new Set<() => void>();
  private isTelling = false;

  constructor(private made: Message) {
    this.told = made;
  }

  get id(): string {
    return this.made.id;
  }

  /** As it is now, for who asks outside of frames. */
  get message(): Message {
    return this.made;
  }

  readonly snapshot = (): Message => this.told;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  take(events: readonly AnswerEvent[]): void {
    const text = events.map((event) => (event.type === "message.delta" ? event.data.text : ""));
    const made = { ...this.made, content: this.made.content + text.join("") };
    if (made.content) made.status = "streaming";
    this.made = events.reduce(after, made);
    if (this.isTelling) return;
    this.isTelling = true;
    frame(() => {
      this.isTelling = false;
      this.told = this.made;
      for (const listener of this.listeners) listener();
    });
  }
}

/** What an event other than text changes. */
function after(message: Message, event: AnswerEvent): Message {
  switch (event.type) {
    case "retrieval.completed":
      return { ...message, degraded: event.data.degraded };
    case "citation.added":
      return { ...message, citations: [...message.citations, event.data.citation] };
    case "message.completed":
    case "message.stopped":
      return event.data.message;
    case "error": {
      const { code, detail } = event.data.problem;
      return { ...message, status: "failed", error: { code, detail } };
    }
    default:
      return message;
  }
}

const NOTHING_YET: Omit<Message, "id" | "conversation_id" | "parent_id" | "role" | "content"> = {
  status: "completed",
  citations: [],
  usage: { prompt_tokens: 0, completion_tokens: 0 },
  timings: {},
  model: null,
  fallbacks: [],
  degraded: false,
  error: null,
  feedback: null,
  created_at: "",
};

type Place = Pick<Message, "id" | "conversation_id" | "parent_id">;

const now = () => new Date().toISOString();

export const questionOf = (place: Place, content: string): Message => ({
  ...NOTHING_YET,
  ...place,
  role: "user",
  content,
  created_at: now(),
});

export const pendingAnswer = (place: Place): Message => ({
  ...NOTHING_YET,
  ...place,
  role: "assistant",
  content: "",
  status: "pending",
  created_at: now(),
});
