import { api as generated, type ListOfMessage, type Message } from "@/shared/api/inside";

const PAGE = 100;

/** A conversation from its end on, page after page: of a long one only what is looked at is fetched. */
const withMessages = generated.injectEndpoints({
  endpoints: (build) => ({
    messagesFromEnd: build.infiniteQuery<ListOfMessage, string, string | null>({
      infiniteQueryOptions: {
        initialPageParam: null,
        getNextPageParam: (page) => page.next_cursor ?? undefined,
      },
      structuralSharing: false, // to compare ten thousand messages with every page takes long
      query: ({ queryArg, pageParam }) => ({
        url: `/api/v1/conversations/${queryArg}/messages`,
        params: { order: "desc", limit: PAGE, ...(pageParam && { cursor: pageParam }) },
      }),
    }),
  }),
});

export const messagesApi = withMessages;

/** Put messages in place of those with their ids, or at the end. */
export const messagesSaid = (conversationId: string, messages: readonly Message[]) =>
  withMessages.util.updateQueryData("messagesFromEnd", conversationId, (draft) => {
    for (const message of messages) {
      const page = draft.pages.find(({ data }) => data.some(({ id }) => id === message.id));
      const index = page?.data.findIndex(({ id }) => id === message.id) ?? -1;
      if (page) page.data[index] = message;
      else draft.pages[0]?.data.unshift(message);
    }
  });
