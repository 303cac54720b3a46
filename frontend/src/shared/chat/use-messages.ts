import { useCallback, useMemo } from "react";
import type { Message } from "@/shared/api/inside";
import { messagesApi } from "./messages";

export interface History {
  /** Oldest first, as far as they are loaded; undefined: none were yet. */
  messages: readonly Message[] | undefined;
  hasOlder: boolean;
  isLoadingOlder: boolean;
  loadOlder: () => void;
  error: unknown;
  retry: () => void;
  isRetrying: boolean;
}

/** The messages of a conversation, from its end on. */
export function useMessages(conversationId: string | undefined): History {
  const query = messagesApi.useMessagesFromEndInfiniteQuery(conversationId ?? "", {
    skip: !conversationId,
  });
  const { currentData, fetchNextPage, refetch, hasNextPage, isFetching } = query;
  const messages = useMemo(
    () => currentData?.pages.flatMap(({ data }) => data).reverse(),
    [currentData],
  );
  return {
    messages,
    hasOlder: hasNextPage,
    isLoadingOlder: query.isFetchingNextPage,
    loadOlder: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    error: query.error,
    retry: useCallback(() => void refetch(), [refetch]),
    isRetrying: isFetching,
  };
}
