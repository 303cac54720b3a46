import type { FetchArgs, FetchBaseQueryError } from "@reduxjs/toolkit/query/react";
import { type ApiKey, api as generated, type Invitation, type Member } from "./inside";

const PAGE = 100;

interface Answer {
  data?: unknown;
  error?: FetchBaseQueryError;
}
type Fetch = (args: FetchArgs) => Answer | PromiseLike<Answer>;

/** Every item of a list, page after page: names are looked up in it, and some of them would not do. */
export async function whole<Item>(fetch: Fetch, url: string) {
  const items: Item[] = [];
  for (let cursor: string | null = ""; cursor !== null; ) {
    const params = { limit: PAGE, ...(cursor && { cursor }) };
    const { data, error } = await fetch({ url, params });
    if (error) return { error };
    const page = data as { data: Item[]; next_cursor: string | null };
    items.push(...page.data);
    cursor = page.next_cursor;
  }
  return { data: items };
}

const withWholeLists = generated.injectEndpoints({
  endpoints: (build) => ({
    allMembers: build.query<Member[], string>({
      queryFn: (id, _api, _options, fetch) => whole(fetch, `/api/v1/workspaces/${id}/members`),
      providesTags: ["Workspaces"],
    }),
    allInvitations: build.query<Invitation[], string>({
      queryFn: (id, _api, _options, fetch) => whole(fetch, `/api/v1/workspaces/${id}/invitations`),
      providesTags: ["Workspaces"],
    }),
    allApiKeys: build.query<ApiKey[], void>({
      queryFn: (_, _api, _options, fetch) => whole(fetch, "/api/v1/api_keys"),
      providesTags: ["API keys"],
    }),
  }),
});

export const { useAllMembersQuery, useAllInvitationsQuery, useAllApiKeysQuery } = withWholeLists;
