import { api as generated, type ListOfConversation } from "@/shared/api/inside";

const PAGE = 30;

const withPages = generated.injectEndpoints({
  endpoints: (build) => ({
    pastConversations: build.infiniteQuery<ListOfConversation, string, string | null>({
      infiniteQueryOptions: {
        initialPageParam: null,
        getNextPageParam: (page) => page.next_cursor ?? undefined,
      },
      query: ({ queryArg, pageParam }) => ({
        url: `/api/v1/bots/${queryArg}/conversations`,
        params: { limit: PAGE, ...(pageParam && { cursor: pageParam }) },
      }),
      providesTags: ["Conversations"],
    }),
  }),
});

export const { usePastConversationsInfiniteQuery } = withPages;
