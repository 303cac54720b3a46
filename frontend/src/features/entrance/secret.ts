import { useEffect, useState } from "react";

const KEPT = "chatsphere-invitation";

/** The secret that a mail's link brought in the fragment; it leaves the address bar at once. */
export function useSecret(): string {
  const [secret] = useState(() => location.hash.slice(1));
  useEffect(() => {
    if (location.hash) history.replaceState(history.state, "", location.pathname + location.search);
  }, []);
  return secret;
}

// An invitation is kept in this tab while its guest logs in, maybe away at a provider.
export const keepInvitation = (token: string): void => sessionStorage.setItem(KEPT, token);
export const keptInvitation = (): string => sessionStorage.getItem(KEPT) ?? "";
export const forgetInvitation = (): void => sessionStorage.removeItem(KEPT);
