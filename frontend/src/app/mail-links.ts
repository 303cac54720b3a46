import { paths } from "@/shared/paths";

const SCREENS: Record<string, string> = {
  invitation: paths.invitation,
  reset_password: paths.reset,
  verify_email: paths.verify,
  second_factor: paths.secondFactor,
};

/**
 * Our mails lead to `/#kind=secret`, which no server and no log sees. Go to the kind's screen; the
 * secret stays in the fragment until that screen takes it.
 */
export function followMailLink({ hash, pathname }: Location): void {
  const [, kind = "", secret = ""] = /^#([a-z_]+)(?:=(.*))?$/.exec(hash) ?? [];
  const screen = SCREENS[kind];
  if (screen && pathname === paths.home) history.replaceState(null, "", `${screen}#${secret}`);
}
