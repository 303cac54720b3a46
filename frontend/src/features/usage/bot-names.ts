import { type Bot, api as generated } from "@/shared/api/inside";
import { whole } from "@/shared/api/whole-lists";

const withNames = generated.injectEndpoints({
  endpoints: (build) => ({
    botNames: build.query<Record<string, string>, void>({
      async queryFn(_, _api, _options, fetch) {
        const { data, error } = await whole<Bot>(fetch, "/api/v1/bots");
        if (error) return { error };
        return { data: Object.fromEntries((data ?? []).map(({ id, name }) => [id, name])) };
      },
      providesTags: ["Bots"],
    }),
  }),
});

export const { useBotNamesQuery } = withNames;
