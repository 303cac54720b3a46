import { useTranslation } from "react-i18next";
import { useOidcQuery } from "@/shared/api/entrance";
import { keepMark } from "@/shared/session";
import { buttonStyles } from "@/shared/ui/button-styles";
import { useNext } from "./enter";

/** Log in with the provider, if one is configured. It is left for: a plain link, no route of ours. The session it makes is met on the way back. */
export function ProviderLink() {
  const { t } = useTranslation("entrance");
  const { data } = useOidcQuery();
  const next = useNext();
  if (!data?.enabled) return null;
  return (
    <a
      onClick={() => keepMark(true)}
      href={`/api/v1/auth/oidc/login?return_to=${encodeURIComponent(next)}`}
      className={buttonStyles("secondary", "md")}
    >
      {t("log_in_with", { name: data.name })}
    </a>
  );
}
