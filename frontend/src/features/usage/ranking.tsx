import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { paths } from "@/shared/paths";
import { useBotNamesQuery } from "./bot-names";
import type { Measure, Point } from "./measures";
import { useAmount } from "./use-amount";

interface RankingProps {
  points: readonly Point[];
  measure: Measure;
  isOfBots: boolean;
}

/** Which bots, or which models, used how much of it. */
export function Ranking({ points, measure, isOfBots }: RankingProps) {
  const { t } = useTranslation("usage");
  const amount = useAmount();
  if (points.length === 0) return <p className="py-12 text-center text-soft">{t("none_of_it")}</p>;
  const most = points[0]?.amount ?? 1;
  return (
    <ol className="flex min-h-64 flex-col gap-4">
      {points.map(({ id, amount: used }) => (
        <li key={id}>
          <div className="flex items-baseline justify-between gap-4">
            <span className="min-w-0 truncate">{isOfBots ? <BotName id={id} /> : id}</span>
            <span className="shrink-0 font-medium tabular-nums">{amount(used, measure)}</span>
          </div>
          <div aria-hidden className="mt-1.5 h-2 rounded-full bg-sunken">
            <div
              className="h-full rounded-full bg-accent"
              style={{ inlineSize: `${Math.max((used / most) * 100, 1)}%` }}
            />
          </div>
        </li>
      ))}
    </ol>
  );
}

/** What was used stays when its bot is gone. */
function BotName({ id }: { id: string }) {
  const { t } = useTranslation("usage");
  const { data: names } = useBotNamesQuery();
  const name = names?.[id];
  if (name === undefined) return names ? t("bot_gone") : id;
  return (
    <Link to={paths.bot(id)} className="text-ink underline-offset-3 hover:underline">
      {name}
    </Link>
  );
}
