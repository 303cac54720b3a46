import type { FetchBaseQueryMeta } from "@reduxjs/toolkit/query";
import { type Bot, type BotPatch, api as generated } from "@/shared/api/inside";

/** A bot as it was read, with the mark by which the API knows whether it was changed since. */
export interface EditedBot {
  bot: Bot;
  etag: string | undefined;
}

const withEtag = (bot: Bot, meta: unknown): EditedBot => ({
  bot,
  etag: (meta as FetchBaseQueryMeta | undefined)?.response?.headers.get("etag") ?? undefined,
});

interface Saving {
  botId: string;
  etag: string | undefined;
  patch: BotPatch;
}

const editedBotApi = generated.injectEndpoints({
  endpoints: (build) => ({
    editedBot: build.query<EditedBot, string>({
      query: (botId) => `/api/v1/bots/${botId}`,
      transformResponse: withEtag,
      providesTags: ["Bots"],
    }),
    saveBot: build.mutation<EditedBot, Saving>({
      query: ({ botId, etag, patch }) => ({
        url: `/api/v1/bots/${botId}`,
        method: "PATCH",
        body: patch,
        headers: { "if-match": etag },
      }),
      transformResponse: withEtag,
      // What was saved is shown before the refetch has come back.
      async onQueryStarted({ botId }, { dispatch, queryFulfilled }) {
        const saved = await queryFulfilled.catch(() => undefined);
        if (!saved) return;
        dispatch(editedBotApi.util.updateQueryData("editedBot", botId, () => saved.data));
      },
      invalidatesTags: ["Bots"],
    }),
  }),
});

export const { useEditedBotQuery, useLazyEditedBotQuery, useSaveBotMutation } = editedBotApi;
