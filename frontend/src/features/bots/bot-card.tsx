import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Bot } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { Badge, Card } from "@/shared/ui";
import { BotMenu } from "./bot-menu";

/** The whole card leads to the bot; its name is the link. */
export function BotCard({ bot }: { bot: Bot }) {
  const { t } = useTranslation("bots");
  const format = useFormat();
  return (
    <li>
      <Card className="relative flex h-38 flex-col p-5 transition-colors duration-150 focus-within:border-line-strong hover:border-line-strong">
        <div className="flex items-start justify-between gap-3">
          <h2 className="min-w-0 truncate font-semibold">
            <Link
              to={paths.bot(bot.id)}
              className="text-ink no-underline after:absolute after:inset-0 after:rounded-lg"
            >
              {bot.name}
            </Link>
          </h2>
          {bot.published_version === null ? (
            <Badge>{t("draft")}</Badge>
          ) : (
            <Badge tone="success">{t("published", { version: bot.published_version })}</Badge>
          )}
        </div>
        <p className="mt-1.5 line-clamp-2 text-sm text-soft">
          {bot.description || t("no_description")}
        </p>
        <div className="mt-auto -me-2 -mb-2 flex items-center justify-between gap-3">
          <p className="text-xs text-faint">{t("changed", { when: format.ago(bot.updated_at) })}</p>
          <span className="relative h-9">
            <BotMenu bot={bot} />
          </span>
        </div>
      </Card>
    </li>
  );
}
