import type { Turn as TurnOf } from "@/shared/chat/branches";
import { MessageList } from "@/shared/chat/message-list";
import type { History } from "@/shared/chat/use-messages";
import { Turn, type TurnProps } from "./turn";

interface TurnsProps extends Omit<TurnProps, "turn" | "isSought"> {
  turns: readonly TurnOf[];
  history: History;
  messageId: string | null;
}

/** What was asked and answered; fetched beside the messages themselves, for markdown takes much. */
export function Turns({ turns, history, messageId, ...shared }: TurnsProps) {
  return (
    <MessageList turns={turns} history={history} startAt={messageId}>
      {(turn) => <Turn {...shared} turn={turn} isSought={turn.message.id === messageId} />}
    </MessageList>
  );
}
