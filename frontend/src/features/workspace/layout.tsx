import { LockKeyhole } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Outlet, useLocation } from "react-router";
import { paths } from "@/shared/paths";
import { type Role, useSession } from "@/shared/session";
import { EmptyState, LinkButton, Page, Skeleton } from "@/shared/ui";
import { TabLinks } from "@/shared/ui/tab-links";
import { NoWorkspace } from "./no-workspace";

const PLACES = [
  { id: "settings", to: paths.workspace, least: "viewer" },
  { id: "members", to: paths.members, least: "viewer" },
  { id: "api_keys", to: paths.apiKeys, least: "admin" },
  { id: "usage", to: paths.usage, least: "editor" },
  { id: "audit", to: paths.audit, least: "admin" },
] as const satisfies readonly { id: string; to: string; least: Role }[];

/** The workspace in use, a place for each matter; those that the role may not see are not offered. */
export function Layout() {
  const { t } = useTranslation("workspace");
  const { workspace, may, isLoading } = useSession();
  const { pathname } = useLocation();
  if (!workspace) return isLoading ? <Waiting /> : <NoWorkspace />;
  const here = PLACES.find(({ to }) => to === pathname) ?? PLACES[0];
  const tabs = PLACES.filter(({ least }) => may(least)).map(({ id, to }) => ({
    to,
    name: t(`tab_${id}`),
    isExact: to === paths.workspace,
  }));
  return (
    <Page
      title={workspace.name}
      tabTitle={`${t(`tab_${here.id}`)} · ${workspace.name}`}
      lead={t("lead", { role: t(`role_${workspace.role}`) })}
    >
      <TabLinks label={t("places")} tabs={tabs} />
      <div key={workspace.id} className="pt-8">
        {may(here.least) ? <Outlet /> : <NotForYou least={here.least} />}
      </div>
    </Page>
  );
}

function Waiting() {
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8 sm:py-8">
      <Skeleton className="h-9 w-48" />
      <Skeleton className="mt-1 h-6 w-64" />
      <Skeleton className="mt-6 h-10 w-full" />
    </div>
  );
}

/** Who was sent an address that their role does not open. */
function NotForYou({ least }: { least: Role }) {
  const { t } = useTranslation("workspace");
  return (
    <EmptyState
      icon={<LockKeyhole aria-hidden className="size-6" />}
      title={t("not_for_you")}
      action={
        <LinkButton variant="secondary" to={paths.members}>
          {t("not_for_you_do")}
        </LinkButton>
      }
    >
      {t("not_for_you_text", { role: t(`role_${least}`) })}
    </EmptyState>
  );
}
