import { useTranslation } from "react-i18next";
import type { Document } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Badge } from "@/shared/ui";
import { isBusy } from "./merge";

type Progress = Document["progress"];

// Of a hundred; embedding takes longest, and tells how far it is.
const REACHED: Record<Progress["stage"], number> = {
  queued: 0,
  fetching: 5,
  parsing: 12,
  chunking: 22,
  embedding: 30,
  indexing: 92,
  done: 100,
};

export function percentOf({ stage, done, total }: Progress): number {
  const share = stage === "embedding" && total > 0 ? done / total : 0;
  return Math.round(REACHED[stage] + share * (REACHED.indexing - REACHED.embedding));
}

function Bar({ percent, label }: { percent: number; label: string }) {
  return (
    <div
      role="progressbar"
      aria-label={label}
      aria-valuenow={percent}
      aria-valuemin={0}
      aria-valuemax={100}
      className="h-1.5 w-full overflow-hidden rounded-full bg-hover"
    >
      <div
        className="h-full rounded-full bg-accent transition-[width] duration-500 ease-calm"
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}

/** What is being done with it, and how far that is. */
export function StageProgress({ progress }: { progress: Progress }) {
  const { t } = useTranslation("knowledge");
  const format = useFormat();
  const { stage, done, total } = progress;
  const isCounted = stage === "embedding" && total > 0;
  const name = t(`stage_${stage}`);
  return (
    <div className="flex w-full max-w-52 flex-col gap-1">
      <p className="flex justify-between gap-3 text-xs text-soft">
        <span className="truncate">{name}</span>
        {isCounted && (
          <span className="whitespace-nowrap tabular-nums">
            {t("stage_count", { done: format.number(done), total: format.number(total) })}
          </span>
        )}
      </p>
      <Bar percent={percentOf(progress)} label={name} />
    </div>
  );
}

export function DocumentStatus({ document }: { document: Document }) {
  const { t } = useTranslation("knowledge");
  if (isBusy(document)) return <StageProgress progress={document.progress} />;
  if (document.status === "failed") return <Badge tone="danger">{t("status_failed")}</Badge>;
  return <Badge tone="success">{t("status_ready")}</Badge>;
}
