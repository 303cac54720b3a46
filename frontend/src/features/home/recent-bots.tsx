import { ArrowRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Bot } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { useRecentBots } from "@/shared/recent-bots";
import { Badge, Card, TextLink } from "@/shared/ui";

const MOST = 3;

/** Those worked with last come first, then the newest. */
export function lastUsed(bots: readonly Bot[], recent: readonly string[]): Bot[] {
  const rank = ({ id }: Bot) => (recent.includes(id) ? recent.indexOf(id) : recent.length);
  return [...bots].sort((one, other) => rank(one) - rank(other)).slice(0, MOST);
}

function BotLink({ bot }: { bot: Bot }) {
  const { t } = useTranslation("home");
  const format = useFormat();
  return (
    <Card className="relative flex h-full flex-col p-5 transition-colors duration-150 hover:border-line-strong">
      <div className="flex items-start justify-between gap-3">
        <h3 className="min-w-0 truncate font-semibold">
          <Link
            to={paths.playground(bot.id)}
            className="text-ink no-underline after:absolute after:inset-0 after:rounded-lg"
          >
            {bot.name}
          </Link>
        </h3>
        <Badge tone={bot.published_version === null ? "neutral" : "success"}>
          {bot.published_version === null ? t("draft") : t("published")}
        </Badge>
      </div>
      <p className="mt-2 flex items-center justify-between gap-3 text-sm text-faint">
        {t("changed", { when: format.ago(bot.updated_at) })}
        <ArrowRight aria-hidden className="size-4 rtl:rotate-180" />
      </p>
    </Card>
  );
}

/** A click away from asking. */
export function RecentBots({ bots }: { bots: readonly Bot[] }) {
  const { t } = useTranslation("home");
  const recent = useRecentBots();
  if (bots.length === 0) return null;
  return (
    <section aria-labelledby="recent">
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <h2 id="recent" className="text-lg font-semibold">
          {t("recent")}
        </h2>
        <TextLink to={paths.bots} className="text-sm">
          {t("all_bots")}
        </TextLink>
      </div>
      <ul className="grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {lastUsed(bots, recent).map((bot) => (
          <li key={bot.id}>
            <BotLink bot={bot} />
          </li>
        ))}
      </ul>
    </section>
  );
}
