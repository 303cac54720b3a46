import { Compass } from "lucide-react";
import { useTranslation } from "react-i18next";
import { paths } from "@/shared/paths";
import { EmptyState, LinkButton, Page } from "@/shared/ui";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("not_found_title")}>
      <EmptyState
        icon={<Compass aria-hidden className="size-6" />}
        title={t("not_found_text")}
        action={<LinkButton to={paths.home}>{t("to_home")}</LinkButton>}
      />
    </Page>
  );
}
