import type { Dispatch } from "@reduxjs/toolkit";
import { newKey } from "../new-key";
import { sessionBegan, sessionLost } from "./session-slice";

const MARK = "chatsphere-session"; // there may be a cookie; scripts cannot see it
const REFRESHING = "chatsphere-refreshing"; // key of a refresh that was not answered yet
const RETRY_AFTER_MS = 300;

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function ask(key: string): Promise<Response> {
  const headers = { "Idempotency-Key": key, "X-Auth-Mode": "cookie" };
  return fetch(new URL("/api/v1/auth/refresh", location.origin), { method: "POST", headers });
}

/** An answer that got lost, on the way or because its page was left, is asked for again under the same key. */
async function exchange(): Promise<string | null> {
  const key = localStorage.getItem(REFRESHING) ?? newKey();
  localStorage.setItem(REFRESHING, key);
  const response = await ask(key).catch(() => wait(RETRY_AFTER_MS).then(() => ask(key)));
  localStorage.removeItem(REFRESHING);
  const answer = (await response.json()) as { access_token: string };
  if (response.status === 401) return null;
  if (!response.ok) throw new Error(`refresh: ${response.status}`);
  return answer.access_token;
}

// A refresh token that is used twice ends its session: one exchange at a time, in all tabs.
const alone = (): Promise<string | null> =>
  navigator.locks ? navigator.locks.request("chatsphere-refresh", exchange) : exchange();

let running: Promise<boolean> | null = null;

/** Take a new access token by the cookie; false where there is no session. Throws where nobody answers. */
export function refreshSession(dispatch: Dispatch): Promise<boolean> {
  running ??= alone()
    .then((token) => {
      dispatch(token === null ? sessionLost() : sessionBegan(token));
      return token !== null;
    })
    .finally(() => {
      running = null;
    });
  return running;
}

/** Remember whether there may be a session: who never had one need not ask for it. */
export function keepMark(mayBe: boolean): void {
  if (mayBe) localStorage.setItem(MARK, "1");
  else localStorage.removeItem(MARK);
}

/** Take up the session of the last visit. Where nobody answers, the screen itself says so when it asks. */
export async function startSession(dispatch: Dispatch): Promise<void> {
  if (localStorage.getItem(MARK)) await refreshSession(dispatch).catch(() => false);
  else dispatch(sessionLost());
}
