import { useCallback, useEffect, useRef, useState } from "react";
import { problemOf } from "@/shared/api";
import type { Message } from "@/shared/api/inside";
import { type Chosen, choiceOf, type Turn } from "@/shared/chat/branches";
import { type History, useMessages } from "@/shared/chat/use-messages";
import type { Wish } from "./run";
import { type Answering, useAnswering } from "./use-answering";
import { type Keys, useTurns, withStarted } from "./use-turns";

export type VersionChoice = "draft" | "published";

interface Options {
  botId: string;
  conversationId: string | undefined;
  version: VersionChoice;
  /** A conversation began with what was asked. */
  onConversation: (id: string) => void;
}

export interface Chat {
  history: History;
  /** There is no such conversation. */
  isGone: boolean;
  turns: readonly Turn[];
  answering: Answering;
  isBusy: boolean;
  /** After this answer; absent: after what is shown last. */
  ask: (content: string, parentId?: string | null) => void;
  regenerate: (answer: Message) => void;
  choose: (message: Message) => void;
}

const isUnderWay = ({ role, status }: Message) =>
  role === "assistant" && (status === "pending" || status === "streaming");

/** An answer goes on where one looks at it, and to its end on the server alone where one does not. */
function useLeaving(conversationId: string | undefined, { live, leave }: Answering): void {
  const place = useRef(conversationId);
  useEffect(() => {
    if (place.current === conversationId) return;
    place.current = conversationId;
    if (live?.message.conversation_id !== conversationId) leave();
  }, [conversationId, live, leave]);
}

/** An answer that was under way when the page was left, or loaded again, is taken up. */
function useTakingUp(turns: readonly Turn[], { wish, failed, begin }: Answering): void {
  const last = turns.at(-1)?.message;
  const waiting = last && isUnderWay(last) && !wish && !failed ? last : undefined;
  useEffect(() => {
    if (waiting) begin({ kind: "follow", answer: waiting });
  }, [waiting, begin]);
}

function wishOf(
  { botId, conversationId, version }: Options,
  content: string,
  parentId: string | null,
  isEmpty: boolean,
) {
  const draft = version === "draft" && { version };
  const ask = { kind: "ask", content, parentId } as const;
  // What comes first has no answer to follow: asked in another way, it begins a conversation of its own.
  if (!conversationId || (parentId === null && !isEmpty)) {
    return { ...ask, path: `/api/v1/bots/${botId}/chat`, body: { message: content, ...draft } };
  }
  const path = `/api/v1/conversations/${conversationId}/messages`;
  return { ...ask, path, body: { content, ...(parentId && { parent_id: parentId }), ...draft } };
}

export function useChat(options: Options): Chat {
  const { conversationId, onConversation } = options;
  const history = useMessages(conversationId);
  const [chosen, setChosen] = useState<Chosen>({});
  const [keys, setKeys] = useState<Keys>({});
  const choose = useCallback(
    (message: Message) => setChosen((last) => ({ ...last, ...choiceOf(message) })),
    [],
  );
  const onStarted = (answer: Message, wish: Wish) => {
    choose(answer);
    if (wish.kind !== "ask") return;
    setKeys((last) => withStarted(last, answer));
    if (wish.parentId)
      setChosen((last) => ({ ...last, [wish.parentId ?? ""]: answer.parent_id ?? "" }));
    if (answer.conversation_id !== conversationId) onConversation(answer.conversation_id);
  };
  const answering = useAnswering(onStarted);
  const { live, wish, failed, begin } = answering;
  const unbegun = live ? null : (wish ?? failed);
  const turns = useTurns({
    messages: history.messages,
    chosen,
    wish: unbegun,
    isFailed: failed !== null,
    keys,
  });
  useLeaving(conversationId, answering);
  useTakingUp(turns, answering);
  const last = turns.at(-1)?.message;
  return {
    history,
    isGone: turns.length === 0 && problemOf(history.error)?.status === 404,
    turns,
    answering,
    isBusy: wish !== null,
    ask: (content, parentId = last?.role === "assistant" ? last.id : null) =>
      begin(wishOf(options, content, parentId, turns.length === 0)),
    regenerate: useCallback((answer: Message) => begin({ kind: "regenerate", answer }), [begin]),
    choose,
  };
}
