import { type BotVersion, api as generated, type ListVersionsApiResponse } from "./inside";

const PAGE = 100;

/** All versions of a bot, newest first: any of them may be the published one. */
const withVersions = generated.injectEndpoints({
  endpoints: (build) => ({
    allVersions: build.query<BotVersion[], string>({
      async queryFn(botId, _api, _options, fetch) {
        const versions: BotVersion[] = [];
        for (let cursor: string | null = ""; cursor !== null; ) {
          const { data, error } = await fetch({
            url: `/api/v1/bots/${botId}/versions`,
            params: { limit: PAGE, ...(cursor && { cursor }) },
          });
          if (error) return { error };
          const page = data as ListVersionsApiResponse;
          versions.push(...page.data);
          cursor = page.next_cursor;
        }
        return { data: versions };
      },
      providesTags: ["Bots"],
    }),
  }),
});

export const { useAllVersionsQuery } = withVersions;
