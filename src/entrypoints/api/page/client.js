// Talks to the API on behalf of who is logged in to the dashboard. Knows nothing of the page.

const PREFIX = "/api/v1";
const AGAIN_AFTER_MS = 300;

// Shared with the dashboard: a refresh token that is used twice ends the session.
const WORKSPACE = "chatsphere-workspace";
const REFRESHING = "chatsphere-refreshing"; // key of a refresh that was not answered yet
const LOCK = "chatsphere-refresh";
const IN_COOKIE = { "X-Auth-Mode": "cookie" };

let accessToken = null; // in memory only; the refresh token is a cookie that scripts cannot read
let refreshing = null;

const key = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, "0")).join("");

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

/**
 * Take a new access token by the cookie; false where there is no session. One at a time, in all tabs:
 * a refresh token that is used twice ends the session. An answer that got lost, on the way or because
 * its page was left, is asked for again under the same key.
 */
export function refresh() {
  const exchange = async () => {
    const again = localStorage.getItem(REFRESHING) ?? key();
    localStorage.setItem(REFRESHING, again);
    const ask = () => fetch(`${PREFIX}/auth/refresh`, { method: "POST", credentials: "same-origin", headers: { ...IN_COOKIE, "Idempotency-Key": again } });
    const response = await ask().catch(() => wait(AGAIN_AFTER_MS).then(ask));
    localStorage.removeItem(REFRESHING);
    if (response.status === 401) return void (accessToken = null);
    if (!response.ok) throw new Error("The session could not be renewed.");
    accessToken = (await response.json()).access_token;
  };
  const alone = () => (navigator.locks ? navigator.locks.request(LOCK, exchange) : exchange());
  refreshing ??= alone().finally(() => (refreshing = null));
  return refreshing.then(() => accessToken !== null);
}

/** Send a request with the token, once more after a refresh; gives the answer, whatever it is. */
export async function request(url, { body, headers, ...init } = {}) {
  const workspaceId = localStorage.getItem(WORKSPACE);
  const json = body !== undefined && !(body instanceof FormData);
  const attempt = () =>
    fetch(url, {
      credentials: "same-origin",
      ...init,
      method: init.method ?? (body === undefined ? "GET" : "POST"),
      body: json ? JSON.stringify(body) : body,
      headers: {
        ...(json && { "Content-Type": "application/json" }),
        ...(accessToken && { Authorization: `Bearer ${accessToken}` }),
        ...(accessToken && workspaceId && { "X-Workspace-Id": workspaceId }),
        ...headers,
      },
    });
  const response = await attempt();
  if (response.status !== 401 || !accessToken) return response;
  return (await refresh()) ? attempt() : response;
}
