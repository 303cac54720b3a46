import { ChartNoAxesColumn } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { UsageReport } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { Card, EmptyState, LinkButton, Loading, Skeleton } from "@/shared/ui";
import { Select } from "@/shared/ui/select";
import { Chart } from "./chart";
import { MeasureChoice } from "./measure-choice";
import { byDay, byOther, type Measure, measureOf, totalOf } from "./measures";
import type { UsageQuery } from "./query";
import { GROUPS, type Group, RANGES, type Range } from "./range";
import { Ranking } from "./ranking";

interface HistoryProps {
  usage: UsageQuery;
  days: { from: string; to: string };
  range: Range;
  groupBy: Group;
}

/** What is looked at stands in the address: it can be sent to somebody. */
export function History({ usage, days, range, groupBy }: HistoryProps) {
  const { t } = useTranslation("usage");
  const [params, setParams] = useSearchParams();
  const measure = measureOf(params.get("measure"));
  const set = (name: string) => (value: string) => {
    params.set(name, value);
    setParams(params, { replace: true });
  };
  // Another range keeps what is shown until it comes; another grouping would be misread.
  const report = usage.currentData ?? (usage.data?.group_by === groupBy ? usage.data : undefined);
  return (
    <section aria-labelledby="history">
      <div className="mb-3 flex flex-wrap items-center justify-between gap-3">
        <h2 id="history" className="text-lg font-semibold">
          {t("history")}
        </h2>
        <div className="flex flex-wrap gap-2">
          <Select
            isLabelHidden
            label={t("range")}
            className="w-40"
            choices={RANGES.map((id) => ({ id, name: t(`range_${id}`) }))}
            value={range}
            onChange={set("range")}
          />
          <Select
            isLabelHidden
            label={t("by")}
            className="w-36"
            choices={GROUPS.map((id) => ({ id, name: t(`by_${id}`) }))}
            value={groupBy}
            onChange={set("by")}
          />
        </div>
      </div>
      {report && <Used report={report} days={days} measure={measure} onMeasure={set("measure")} />}
      {!report && !usage.error && <Waiting />}
    </section>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <Skeleton className="h-112 w-full rounded-lg sm:h-96" />
    </Loading>
  );
}

interface UsedProps {
  report: UsageReport;
  days: { from: string; to: string };
  measure: Measure;
  onMeasure: (measure: Measure) => void;
}

function Used({ report, days, measure, onMeasure }: UsedProps) {
  const { t } = useTranslation("usage");
  if (report.data.length === 0) {
    return (
      <EmptyState
        icon={<ChartNoAxesColumn aria-hidden className="size-6" />}
        title={t("nothing")}
        action={
          <LinkButton variant="secondary" to={paths.bots}>
            {t("nothing_do")}
          </LinkButton>
        }
      >
        {t("nothing_text")}
      </EmptyState>
    );
  }
  return (
    <Card className="p-5">
      <MeasureChoice
        value={measure}
        onChange={onMeasure}
        totalOf={(one) => totalOf(report.data, one)}
      />
      {report.group_by === "day" ? (
        <Chart points={byDay(report.data, measure, days)} measure={measure} sums={report.data} />
      ) : (
        <Ranking
          points={byOther(report.data, measure, report.group_by === "bot" ? "bot_id" : "model")}
          measure={measure}
          isOfBots={report.group_by === "bot"}
        />
      )}
    </Card>
  );
}
