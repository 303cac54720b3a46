import { useMemo } from "react";
import type { Message } from "@/shared/api/inside";
import { type Chosen, type Turn, wayThrough } from "@/shared/chat/branches";
import { pendingAnswer, questionOf } from "./live-answer";
import type { Wish } from "./run";

/** By the id of a message that was asked for here: the key it had before its id was known. */
export type Keys = Readonly<Record<string, string>>;

// No two of a conversation are the same: there are more keys after every question.
const next = (keys: Keys) => ({
  question: `question-${Object.keys(keys).length}`,
  answer: `answer-${Object.keys(keys).length}`,
});

/** The keys after this answer has begun. */
export const withStarted = (keys: Keys, { id, parent_id }: Message): Keys => ({
  ...keys,
  [id]: next(keys).answer,
  [parent_id ?? ""]: next(keys).question,
});

const alone = (message: Message): Turn => ({ message, siblings: [message], key: message.id });

/** The way up to a message; all of it where there is no such message. */
function upTo(way: readonly Turn[], id: string | null): readonly Turn[] {
  const at = way.findIndex(({ message }) => message.id === id);
  return at < 0 ? way : way.slice(0, at + 1);
}

/** What a wish looks like before the server has said the ids of what it makes. */
function wished(wish: Wish, isFailed: boolean, keys: Keys): Turn[] {
  if (wish.kind === "follow") return [];
  const { question, answer } = next(keys);
  const place = { id: answer, conversation_id: "", parent_id: question };
  const waiting = isFailed ? [] : [alone(pendingAnswer(place))];
  if (wish.kind === "regenerate") return waiting;
  const asked = questionOf({ ...place, id: question, parent_id: wish.parentId }, wish.content);
  return [alone(asked), ...waiting];
}

const parentOf = (wish: Wish): string | null =>
  wish.kind === "ask" ? wish.parentId : wish.answer.parent_id;

interface Options {
  messages: readonly Message[] | undefined;
  chosen: Chosen;
  /** Under way and not begun, or failed before it began. */
  wish: Wish | null;
  isFailed: boolean;
  keys: Keys;
}

/** What is shown: the way through the messages, with what is asked for at its end. */
export function useTurns({ messages, chosen, wish, isFailed, keys }: Options): readonly Turn[] {
  const way = useMemo(
    () =>
      wayThrough(messages ?? [], chosen).map((turn) => {
        const key = keys[turn.message.id];
        return key ? { ...turn, key } : turn;
      }),
    [messages, chosen, keys],
  );
  return useMemo(() => {
    if (!wish || wish.kind === "follow") return way;
    if (wish.kind === "regenerate" && isFailed) return way;
    return [...upTo(way, parentOf(wish)), ...wished(wish, isFailed, keys)];
  }, [way, wish, isFailed, keys]);
}
