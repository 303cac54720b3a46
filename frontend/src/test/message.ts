import type { Message } from "@/shared/api/inside";

/** A finished answer without words; `more` says what is different. */
export const sampleMessage = (more: Partial<Message> = {}): Message => ({
  id: "msg_1",
  conversation_id: "conv_1",
  parent_id: "msg_0",
  role: "assistant",
  content: "",
  status: "completed",
  citations: [],
  usage: { prompt_tokens: 0, completion_tokens: 0 },
  timings: {},
  model: null,
  fallbacks: [],
  degraded: false,
  error: null,
  feedback: null,
  created_at: "2026-01-01T00:00:00Z",
  ...more,
});
