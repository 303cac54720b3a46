import { ArrowLeft } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useAllVersionsQuery } from "@/shared/api/all-versions";
import type { Bot } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { Badge, LinkButton, Loading, Skeleton } from "@/shared/ui";
import { TabLinks } from "@/shared/ui/tab-links";
import { type Publication, publicationOf } from "./publication";

const PARTS = [
  { name: "overview", path: paths.bot },
  { name: "configure", path: paths.configure },
  { name: "knowledge", path: paths.knowledge },
  { name: "retrieval", path: paths.retrieval },
  { name: "playground", path: paths.playground },
  { name: "conversations", path: paths.conversations },
] as const;

function State({ publication }: { publication: Publication }) {
  const { t } = useTranslation("bot");
  if (publication.kind === "draft") return <Badge>{t("draft")}</Badge>;
  return (
    <>
      <Badge tone="success">{t("published", { version: publication.version })}</Badge>
      {publication.kind === "changed" && <Badge tone="warning">{t("changed")}</Badge>}
    </>
  );
}

/** Publishing begins where one sees what would change for those who ask. */
function Publish({ botId }: { botId: string }) {
  const { t } = useTranslation("bot");
  return (
    <LinkButton to={`${paths.versions(botId)}?publish=draft`} className="shrink-0">
      {t("publish")}
    </LinkButton>
  );
}

function Name({ bot }: { bot: Bot }) {
  const { may } = useSession();
  const { data: versions } = useAllVersionsQuery(bot.id);
  const publication = versions && publicationOf(bot, versions);
  const canPublish = may("editor") && publication && publication.kind !== "published";
  return (
    <>
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1">
        <p className="max-w-full truncate text-lg font-semibold tracking-tight">{bot.name}</p>
        <span className="flex h-6 items-center gap-1.5">
          {publication ? <State publication={publication} /> : <Skeleton className="h-5 w-16" />}
        </span>
      </div>
      {canPublish && <Publish botId={bot.id} />}
    </>
  );
}

function NameWaiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <Skeleton className="h-7 w-56 max-w-full" />
    </Loading>
  );
}

/** What stands above everything about one bot. */
export function BotHead({ botId, bot }: { botId: string; bot: Bot | undefined }) {
  const { t } = useTranslation("bot");
  const tabs = PARTS.map(({ name, path }) => ({
    to: path(botId),
    name: t(`part_${name}`),
    isExact: name === "overview",
  }));
  return (
    <div className="border-b border-line bg-surface">
      <div className="mx-auto w-full max-w-6xl px-4 pt-3 sm:px-8">
        <div className="flex min-h-14 items-center gap-3">
          <Link
            to={paths.bots}
            aria-label={t("all_bots")}
            className="-ms-2 grid size-9 shrink-0 place-items-center rounded-md text-soft hover:bg-hover hover:text-ink"
          >
            <ArrowLeft aria-hidden className="size-4.5 rtl:rotate-180" />
          </Link>
          {bot ? <Name bot={bot} /> : <NameWaiting />}
        </div>
        <div className="-mb-px">
          <TabLinks label={t("parts")} tabs={tabs} />
        </div>
      </div>
    </div>
  );
}
