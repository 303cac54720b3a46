import type { Message } from "@/shared/api/inside";

/** A message on the way that is shown, with the others that stand in its place: asked or answered again. */
export interface Turn {
  message: Message;
  /** Itself too, oldest first. */
  siblings: readonly Message[];
  /** By which it is the same, where its id was not known from the start. */
  key?: string;
}

/** Of a parent, by its id, the child to go on with. */
export type Chosen = Readonly<Record<string, string>>;

const keyOf = (parentId: string | null): string => parentId ?? "";

function byParent(messages: readonly Message[]): Map<string, Message[]> {
  const children = new Map<string, Message[]>();
  for (const message of messages) {
    const key = keyOf(message.parent_id);
    const siblings = children.get(key);
    if (siblings) siblings.push(message);
    else children.set(key, [message]);
  }
  return children;
}

/** The way up from the newest message, as far as it is loaded: where it begins, and what it chose. */
function newestWay(messages: readonly Message[]): { top: string | null; chosen: Chosen } {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const chosen: Record<string, string> = {};
  let top: string | null = null;
  for (let at = messages.at(-1); at; at = byId.get(keyOf(at.parent_id))) {
    top = keyOf(at.parent_id);
    chosen[top] = at.id;
  }
  return { top, chosen };
}

/**
 * The way through a conversation (oldest first; its beginning may not be loaded yet). Where it forks, it
 * goes on with what was chosen, else to the newest message.
 */
export function wayThrough(messages: readonly Message[], chosen: Chosen = {}): Turn[] {
  const children = byParent(messages);
  const newest = newestWay(messages);
  const way: Turn[] = [];
  for (let parent = newest.top; parent !== null; ) {
    const siblings: Message[] = children.get(parent) ?? [];
    const id = chosen[parent] ?? newest.chosen[parent];
    const message: Message | undefined = siblings.find((one) => one.id === id) ?? siblings.at(-1);
    if (message) way.push({ message, siblings });
    parent = message?.id ?? null;
  }
  return way;
}

/** What to choose so that this one is shown. */
export const choiceOf = ({ id, parent_id }: Message): Chosen => ({ [keyOf(parent_id)]: id });
