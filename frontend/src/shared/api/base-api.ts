import {
  type BaseQueryFn,
  createApi,
  type FetchArgs,
  type FetchBaseQueryError,
  fetchBaseQuery,
} from "@reduxjs/toolkit/query/react";
import { refreshSession } from "../session/refresh";
import {
  selectAccessToken,
  selectWorkspaceId,
  sessionEnded,
  type WithSession,
} from "../session/session-slice";
import { tellTabs } from "../session/tabs";

// They are about the person or the tokens, not about a workspace.
const OUTSIDE_WORKSPACES = /^\/api\/v1\/(auth\/|me($|\/)|invitations\/)/;

const send = fetchBaseQuery({
  baseUrl: typeof location === "undefined" ? "" : location.origin,
  credentials: "same-origin",
  responseHandler: "content-type",
  isJsonContentType: (headers) => /[/+]json\b/.test(headers.get("content-type") ?? ""),
  prepareHeaders(headers, { getState, arg }) {
    const state = getState() as WithSession;
    const url = typeof arg === "string" ? arg : arg.url;
    const token = selectAccessToken(state);
    const workspaceId = selectWorkspaceId(state);
    if (token) headers.set("Authorization", `Bearer ${token}`);
    if (token && workspaceId && !OUTSIDE_WORKSPACES.test(url)) {
      headers.set("X-Workspace-Id", workspaceId);
    }
    // The refresh token comes as a cookie, and does not stand in the answer.
    if (url.startsWith("/api/v1/auth/")) headers.set("X-Auth-Mode", "cookie");
    return headers;
  },
});

/** Send with the token; once more after a refresh where it was refused. */
const baseQuery: BaseQueryFn<string | FetchArgs, unknown, FetchBaseQueryError> = async (
  args,
  api,
  options,
) => {
  const result = await send(args, api, options);
  const token = selectAccessToken(api.getState() as WithSession);
  if (result.error?.status !== 401 || token === null) return result;
  const renewed = await refreshSession(api.dispatch).catch(() => null);
  if (renewed) return send(args, api, options);
  if (renewed === false) {
    api.dispatch(sessionEnded());
    tellTabs("session-ended");
  }
  return result;
};

export const baseApi = createApi({ baseQuery, endpoints: () => ({}) });
