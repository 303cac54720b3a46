import { useEffect } from "react";
import { paths } from "@/shared/paths";
import { type Filters, searchOf } from "./filters";
import { usePages } from "./pages";

export interface Neighbours {
  /** Where to go; null where there is none, or nobody knows. */
  newer: string | null;
  older: string | null;
}

/** What stands before and after a conversation in the list that one came from. */
export function useNeighbours(botId: string, id: string, filters: Filters): Neighbours {
  const { conversations = [], hasMore, isLoadingMore, loadMore, error } = usePages(botId, filters);
  const at = conversations.findIndex((one) => one.id === id);
  const isLast = at !== -1 && at === conversations.length - 1;
  useEffect(() => {
    if (isLast && hasMore && !isLoadingMore && !error) loadMore();
  }, [isLast, hasMore, isLoadingMore, error, loadMore]);
  const to = (index: number) => {
    const other = at === -1 ? undefined : conversations[index];
    if (!other) return null;
    const message = other.match?.message_id;
    return paths.conversation(botId, other.id) + searchOf(filters, message ? { message } : {});
  };
  return { newer: to(at - 1), older: to(at + 1) };
}
