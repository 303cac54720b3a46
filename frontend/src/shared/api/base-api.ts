import {
  type BaseQueryFn,
  createApi,
  type FetchArgs,
  type FetchBaseQueryError,
  fetchBaseQuery,
} from "@reduxjs/toolkit/query/react";
import { refreshSession } from "../session/refresh";
import { selectAccessToken, selectWorkspaceId, type WithSession } from "../session/session-slice";
import { tellTabs } from "../session/tabs";

// They are about the person or the tokens, not about a workspace.
const OUTSIDE_WORKSPACES = /^\/api\/v1\/(auth\/|me($|\/)|invitations\/)/;

/** What every request carries: who asks, and in which workspace. */
export function requestHeaders(state: WithSession, url: string): Record<string, string> {
  const token = selectAccessToken(state);
  const workspaceId = selectWorkspaceId(state);
  const isWithin = token && workspaceId && !OUTSIDE_WORKSPACES.test(url);
  return {
    ...(token && { Authorization: `Bearer ${token}` }),
    ...(isWithin && { "X-Workspace-Id": workspaceId }),
    // The refresh token comes as a cookie, and does not stand in the answer.
    ...(url.startsWith("/api/v1/auth/") && { "X-Auth-Mode": "cookie" }),
  };
}

const send = fetchBaseQuery({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  credentials: "same-origin",
  responseHandler: "content-type",
  isJsonContentType: (headers) => /[/+]json\b/.test(headers.get("content-type") ?? ""),
  prepareHeaders(headers, { getState, arg }) {
    const url = typeof arg === "string" ? arg : arg.url;
    const ours = requestHeaders(getState() as WithSession, url);
    for (const [name, value] of Object.entries(ours)) {
      if (!headers.has(name)) headers.set(name, value); // a request may name another workspace
    }
    return headers;
  },
});

/** Send with the token; once more after a refresh where it was refused. */
const baseQuery: BaseQueryFn<string | FetchArgs, unknown, FetchBaseQueryError> = async (
  args,
  api,
  options,
) => {
  const tokenNow = () => selectAccessToken(api.getState() as WithSession);
  const token = tokenNow();
  const result = await send(args, api, options);
  if (result.error?.status !== 401 || token === null) return result;
  // Another request may have had it renewed while this one was on its way.
  if (tokenNow() !== token) return tokenNow() ? send(args, api, options) : result;
  const renewed = await refreshSession(api.dispatch).catch(() => null);
  if (renewed) return send(args, api, options);
  if (renewed === false) tellTabs("session-lost");
  return result;
};

export const baseApi = createApi({ baseQuery, endpoints: () => ({}) });
