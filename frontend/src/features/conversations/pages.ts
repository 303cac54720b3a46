import { useCallback, useMemo } from "react";
import { type Conversation, api as generated, type ListOfConversation } from "@/shared/api/inside";
import { useUndoableDelete } from "@/shared/undo";
import { type Asked, askedOf, type Filters } from "./filters";

const PAGE = 50;

const withPages = generated.injectEndpoints({
  endpoints: (build) => ({
    conversationPages: build.infiniteQuery<ListOfConversation, Asked, string | null>({
      infiniteQueryOptions: {
        initialPageParam: null,
        getNextPageParam: (page) => page.next_cursor ?? undefined,
      },
      query: ({ queryArg: { botId, ...filters }, pageParam }) => ({
        url: `/api/v1/bots/${botId}/conversations`,
        params: { ...filters, limit: PAGE, ...(pageParam && { cursor: pageParam }) },
      }),
      providesTags: ["Conversations"],
    }),
  }),
});

const { useConversationPagesInfiniteQuery } = withPages;

export interface Pages {
  /** As far as they are loaded, newest first; undefined: none were yet. */
  conversations: readonly Conversation[] | undefined;
  hasMore: boolean;
  isLoadingMore: boolean;
  loadMore: () => void;
  error: unknown;
  retry: () => void;
  isFetching: boolean;
}

/** The conversations that the filters let through, page after page. */
export function usePages(botId: string, filters: Filters): Pages {
  const asked = useMemo(() => askedOf(botId, filters), [botId, filters]);
  const query = useConversationPagesInfiniteQuery(asked, { refetchOnMountOrArgChange: 30 });
  const { currentData, fetchNextPage, refetch } = query;
  const { isHidden } = useUndoableDelete();
  return {
    conversations: currentData?.pages
      .flatMap(({ data }) => data)
      .filter((one) => !isHidden(one.id)),
    hasMore: query.hasNextPage,
    isLoadingMore: query.isFetchingNextPage,
    loadMore: useCallback(() => void fetchNextPage(), [fetchNextPage]),
    error: currentData ? undefined : query.error,
    retry: useCallback(() => void refetch(), [refetch]),
    isFetching: query.isFetching,
  };
}
