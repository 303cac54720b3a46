import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { UsageSum } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Button } from "@/shared/ui";
import { DayTable } from "./day-table";
import { type Measure, type Point, roundUp } from "./measures";
import { useAmount } from "./use-amount";

interface ChartProps {
  points: readonly Point[];
  measure: Measure;
  sums: readonly UsageSum[];
}

/** Columns by day. Who cannot see or point at them has the same as a table. */
export function Chart({ points, measure, sums }: ChartProps) {
  const { t } = useTranslation("usage");
  const [isTable, setTable] = useState(false);
  return (
    <>
      {isTable ? <DayTable sums={sums} /> : <Columns points={points} measure={measure} />}
      <div className="mt-4">
        <Button variant="quiet" size="sm" onPress={() => setTable(!isTable)}>
          {isTable ? t("as_chart") : t("as_table")}
        </Button>
      </div>
    </>
  );
}

function useSummary(points: readonly Point[], measure: Measure): string {
  const { t } = useTranslation("usage");
  const format = useFormat();
  const amount = useAmount();
  const most = points.reduce((top, point) => (point.amount > top.amount ? point : top));
  return t("chart_summary", {
    what: t(measure),
    most: amount(most.amount, measure),
    when: format.date(most.id),
  });
}

function Columns({ points, measure }: Omit<ChartProps, "sums">) {
  const amount = useAmount();
  const summary = useSummary(points, measure);
  const top = roundUp(Math.max(...points.map((point) => point.amount)));
  return (
    <div role="img" aria-label={summary}>
      <div className="relative h-56">
        {[1, 0.5, 0].map((share) => (
          <div
            key={share}
            className="absolute inset-x-0 border-t border-line"
            style={{ insetBlockEnd: `${share * 100}%` }}
          >
            <span className="absolute start-0 top-0.5 text-xs text-faint tabular-nums">
              {share > 0 && amount(top * share, measure)}
            </span>
          </div>
        ))}
        <div className="absolute inset-y-0 start-16 end-0 flex items-end gap-px sm:gap-0.5">
          {points.map((point) => (
            <Column key={point.id} point={point} measure={measure} top={top} />
          ))}
        </div>
      </div>
      <Days points={points} />
    </div>
  );
}

interface ColumnProps {
  point: Point;
  measure: Measure;
  top: number;
}

function Column({ point, measure, top }: ColumnProps) {
  const format = useFormat();
  const amount = useAmount();
  return (
    <div className="group relative flex h-full flex-1 items-end justify-center">
      <div
        className="w-full max-w-8 rounded-t-[3px] bg-accent transition-opacity group-hover:opacity-75"
        style={{ blockSize: `max(${(point.amount / top) * 100}%, ${point.amount > 0 ? 2 : 0}px)` }}
      />
      <div className="pointer-events-none absolute end-1/2 bottom-full z-10 hidden translate-x-1/2 -translate-y-1 rounded-sm bg-ink px-2 py-1 text-xs whitespace-nowrap text-canvas shadow-2 group-hover:block rtl:-translate-x-1/2">
        <span className="block font-semibold tabular-nums">{amount(point.amount, measure)}</span>
        {format.date(point.id)}
      </div>
    </div>
  );
}

/** The first, the middle and the last: more would not fit on a phone. */
function Days({ points }: Pick<ChartProps, "points">) {
  const format = useFormat();
  const marks = [points[0], points[Math.floor((points.length - 1) / 2)], points.at(-1)];
  return (
    <div className="mt-1.5 flex justify-between ps-16 text-xs text-faint">
      {marks.map((point, index) => (
        <span
          key={index === 1 ? "middle" : point?.id}
          className={index === 1 ? "hidden sm:inline" : ""}
        >
          {point && format.date(point.id)}
        </span>
      ))}
    </div>
  );
}
