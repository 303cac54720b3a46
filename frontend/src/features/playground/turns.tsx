import { useMemo } from "react";
import { MessageList } from "@/shared/chat/message-list";
import type { ThreadProps } from "./thread";
import { type Deeds, TurnView } from "./turn-view";

/** What was asked and answered; fetched on its own, for markdown takes much. */
export function Turns({ chat, onOpenCitation, onOpenTrace, onEdit }: ThreadProps) {
  const { turns, history, answering, isBusy, regenerate, choose } = chat;
  const { live } = answering;
  const deeds = useMemo<Deeds>(
    () => ({
      openCitation: onOpenCitation,
      openTrace: onOpenTrace,
      edit: onEdit,
      regenerate,
      choose,
    }),
    [onOpenCitation, onOpenTrace, onEdit, regenerate, choose],
  );
  return (
    <MessageList turns={turns} history={history}>
      {(turn) => (
        <TurnView
          turn={turn}
          deeds={deeds}
          live={live?.id === turn.message.id ? live : null}
          isBusy={isBusy}
        />
      )}
    </MessageList>
  );
}
