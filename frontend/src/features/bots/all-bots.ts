import { type Bot, api as generated, type ListBotsApiResponse } from "@/shared/api/inside";

const PAGE = 100;

/** All bots, page after page: a plan allows few, and a search over some of them would lie. */
const withAll = generated.injectEndpoints({
  endpoints: (build) => ({
    allBots: build.query<Bot[], void>({
      async queryFn(_, _api, _options, fetch) {
        const bots: Bot[] = [];
        for (let cursor: string | null = ""; cursor !== null; ) {
          const params: Record<string, string | number> = {
            limit: PAGE,
            ...(cursor && { cursor }),
          };
          const { data, error } = await fetch({ url: "/api/v1/bots", params });
          if (error) return { error };
          const page = data as ListBotsApiResponse;
          bots.push(...page.data);
          cursor = page.next_cursor;
        }
        return { data: bots };
      },
      providesTags: ["Bots"],
    }),
  }),
});

export const { useAllBotsQuery } = withAll;
