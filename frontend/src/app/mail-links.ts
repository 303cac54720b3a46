import { paths } from "@/shared/paths";

const SCREENS = new Map([
  ["invitation", paths.invitation],
  ["reset_password", paths.reset],
  ["verify_email", paths.verify],
  ["oidc_error", paths.login],
]);

/**
 * Our mails lead to `/#kind=secret`, which no server and no log sees, and a provider's refusal to
 * `/#oidc_error=code`. Go to the kind's screen; what follows stays in the fragment until that screen
 * takes it. A provider's log-in that lacks its second factor ends where it was to lead, with a mark.
 */
export function followMailLink({ hash, pathname, search }: Location): void {
  const [, kind = "", secret = ""] = /^#([a-z_]+)(?:=(.*))?$/.exec(hash) ?? [];
  const screen = SCREENS.get(kind);
  if (kind === "second_factor") {
    const next = pathname === paths.home ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    history.replaceState(null, "", paths.secondFactor + next);
  } else if (screen && pathname === paths.home) {
    history.replaceState(null, "", `${screen}#${secret}`);
  }
}
