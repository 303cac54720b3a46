import { useEffect, useMemo, useState } from "react";
import type { Message } from "@/shared/api/inside";
import { type Chosen, choiceOf, wayThrough } from "@/shared/chat/branches";
import { useMessages } from "@/shared/chat/use-messages";

/** What to choose where a conversation forks, so that its way leads past this message. */
function choicesTo(messages: readonly Message[], id: string | null): Chosen {
  const byId = new Map(messages.map((message) => [message.id, message]));
  let chosen: Chosen = {};
  for (let at = byId.get(id ?? ""); at; at = byId.get(at.parent_id ?? ""))
    chosen = { ...chosen, ...choiceOf(at) };
  return chosen;
}

/** A conversation as it is read: from the end, or from a message on, however far back that stands. */
export function useReading(conversationId: string, messageId: string | null) {
  const history = useMessages(conversationId);
  const { messages, hasOlder, isLoadingOlder, loadOlder, error } = history;
  const [chosen, setChosen] = useState<Chosen>({});
  const isThere = messages?.some(({ id }) => id === messageId) ?? false;
  const isSought = messageId !== null && messages !== undefined && !isThere && hasOlder && !error;
  useEffect(() => {
    if (isSought && !isLoadingOlder) loadOlder();
  }, [isSought, isLoadingOlder, loadOlder]);
  const turns = useMemo(
    () => wayThrough(messages ?? [], { ...choicesTo(messages ?? [], messageId), ...chosen }),
    [messages, messageId, chosen],
  );
  return {
    history,
    turns,
    isWaiting: messages === undefined || isSought,
    choose: (message: Message) => setChosen((now) => ({ ...now, ...choiceOf(message) })),
  };
}
