import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/use-format";
import { Badge, Button, Loading, Notice, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import type { Find } from "@/shared/words";
import { HitCard } from "./hit-card";
import { type Mode, type Ranks, scaleOf } from "./modes";
import type { Search } from "./search-api";

export interface ColumnContext {
  ranks: Ranks;
  find: Find;
  /** The passage that is open, and the one pointed at. */
  open: string | null;
  pointedAt: string | null;
  onPoint: (chunkId: string | null) => void;
  toPassage: (chunkId: string, mode: Mode) => string;
  onNarrow: ((documentId: string) => void) | null;
}

interface ColumnProps {
  mode: Mode;
  search: Search;
  context: ColumnContext;
}

const TIMINGS = ["embed", "vector", "keyword", "rerank"] as const;

/** How long it took, and what of it. */
function Took({ timings }: { timings: Record<string, number> }) {
  const { t } = useTranslation("retrieval");
  const { decimal } = useFormat();
  const parts = TIMINGS.flatMap((part) => {
    const value = timings[`${part}_ms`];
    return value === undefined ? [] : [t(`time_${part}`, { ms: decimal(value) })];
  });
  return <p className="text-xs text-faint">{parts.join(" · ")}</p>;
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <div className="flex flex-col gap-3">
        {[1, 2, 3].map((n) => (
          <Skeleton key={n} className="h-60 w-full rounded-lg" />
        ))}
      </div>
    </Loading>
  );
}

function Failed({ search }: { search: Search }) {
  const { t } = useTranslation(["retrieval", "common"]);
  const textOf = useProblemText();
  return (
    <div className="flex flex-col items-start gap-3">
      <Notice tone="danger">{textOf(search.error)}</Notice>
      <Button
        size="sm"
        variant="secondary"
        isPending={search.isFetching}
        onPress={() => void search.refetch()}
      >
        {t("common:try_again")}
      </Button>
    </div>
  );
}

function Hits({ mode, search, context }: ColumnProps) {
  const { t } = useTranslation("retrieval");
  const hits = search.currentData?.data ?? [];
  if (hits.length === 0) return <p className="py-6 text-sm text-soft">{t(`none_${mode}`)}</p>;
  const { ranks, find, open, pointedAt, onPoint, toPassage, onNarrow } = context;
  const scale = scaleOf(hits);
  return (
    <ol className="flex flex-col gap-3">
      {hits.map((hit, index) => (
        <HitCard
          key={hit.chunk_id}
          {...{ hit, mode, ranks, scale, find, onPoint, onNarrow }}
          rank={index + 1}
          to={toPassage(hit.chunk_id, mode)}
          isOpen={open === hit.chunk_id}
          isPointedAt={pointedAt === hit.chunk_id}
        />
      ))}
    </ol>
  );
}

/** What one way of searching found. */
export function Column({ mode, search, context }: ColumnProps) {
  const { t } = useTranslation("retrieval");
  const { number } = useFormat();
  const { currentData: found, error } = search;
  const count = found?.data.length ?? 0;
  return (
    <div className="flex flex-col gap-3">
      <div className="min-h-10">
        <p className="flex min-h-5 flex-wrap items-center gap-2 text-sm text-soft">
          {found && t("found", { count, ms: number(Math.round(found.timings.total_ms ?? 0)) })}
          {found?.degraded && <Badge tone="warning">{t("degraded")}</Badge>}
        </p>
        {found && <Took timings={found.timings} />}
      </div>
      {!found && !error && <Waiting />}
      {!found && error !== undefined && <Failed search={search} />}
      {found && <Hits mode={mode} search={search} context={context} />}
    </div>
  );
}
