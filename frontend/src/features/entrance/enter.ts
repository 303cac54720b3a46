import { useCallback } from "react";
import { useDispatch } from "react-redux";
import { useNavigate, useSearchParams } from "react-router";
import { paths } from "@/shared/paths";
import { sessionBegan, tellTabs } from "@/shared/session";

/** Where to go once somebody is in: a path of ours, nothing else. */
export function useNext(): string {
  const next = useSearchParams()[0].get("next") ?? paths.home;
  return /^\/(?![/\\])/.test(next) ? next : paths.home;
}

/** The address of another way in, which leads on to the same place. */
export function useWay(): (path: string) => string {
  const next = useNext();
  return (path) => (next === paths.home ? path : `${path}?next=${encodeURIComponent(next)}`);
}

/** Begin the session that a log-in gave. */
export function useEnter(): (accessToken: string) => void {
  const dispatch = useDispatch();
  const navigate = useNavigate();
  const next = useNext();
  return useCallback(
    (accessToken) => {
      dispatch(sessionBegan(accessToken));
      tellTabs("session-began");
      void navigate(next, { replace: true });
    },
    [dispatch, navigate, next],
  );
}

/** Six digits are of the authenticator; anything else is a recovery code. */
export function codeOf(text: string): { code: string } | { recovery_code: string } {
  const plain = text.replace(/\s/g, "");
  return /^\d{6}$/.test(plain) ? { code: plain } : { recovery_code: text.trim() };
}
