// The links of our mails: what they bring stands in the fragment, and leaves the address bar at once.

const KINDS = ["invitation", "reset_password", "verify_email", "second_factor"];
const KEPT = "chatsphere-invitation";

/** Take what the address brought; {kind, token}, or null. */
export function takeFragment() {
  const [, kind, token = ""] = /^#([a-z_]+)(?:=(.*))?$/.exec(location.hash) ?? [];
  if (!KINDS.includes(kind)) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return { kind, token };
}

/** Keep an invitation in this tab while its browser is away at a provider to log in. */
export const keepInvitation = (token) => sessionStorage.setItem(KEPT, token);

/** Take the invitation that was kept; "" where there is none. */
export function takeInvitation() {
  const token = sessionStorage.getItem(KEPT) ?? "";
  sessionStorage.removeItem(KEPT);
  return token;
}

// A link that is opened where the page is open already does not load it anew.
window.addEventListener("hashchange", () => KINDS.some((kind) => location.hash.startsWith(`#${kind}`)) && location.reload());
