import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/use-format";
import { type Bar, PARTS } from "./modes";

/** What a score is made of: the bar compares, the number tells. */
export function ScoreBars({ bars }: { bars: readonly Bar[] }) {
  const { t } = useTranslation("retrieval");
  const { decimal } = useFormat();
  return (
    <dl className="grid grid-cols-[auto_minmax(2rem,1fr)_auto] items-center gap-x-3 gap-y-1 text-xs">
      {bars.map(({ part, value, share }) => (
        <div key={part} className="contents">
          <dt className="text-soft">{t(`part_${part}`)}</dt>
          <dd aria-hidden className="h-1.5 overflow-hidden rounded-full bg-hover">
            <span
              className={`block h-full rounded-full ${part === PARTS[0] ? "bg-accent" : "bg-line-strong"}`}
              style={{ inlineSize: `${share * 100}%` }}
            />
          </dd>
          <dd className="text-end text-ink tabular-nums">{decimal(value)}</dd>
        </div>
      ))}
    </dl>
  );
}
