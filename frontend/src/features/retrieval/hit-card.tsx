import { Filter } from "lucide-react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Hit } from "@/shared/api/inside";
import { Button, classes, Tooltip } from "@/shared/ui";
import { Marked } from "@/shared/ui/marked";
import { excerptOf, type Find } from "@/shared/words";
import { barsOf, MODES, type Mode, type Ranks, type Scale } from "./modes";
import { ScoreBars } from "./score-bars";

const EXCERPT = 280;

export interface HitCardProps {
  hit: Hit;
  mode: Mode;
  rank: number;
  ranks: Ranks;
  scale: Scale;
  find: Find;
  to: string;
  /** Pointed at, here or in another search. */
  isPointedAt: boolean;
  isOpen: boolean;
  onPoint: (chunkId: string | null) => void;
  /** Search in its document only; null where that is so already. */
  onNarrow: ((documentId: string) => void) | null;
}

const styleOf = ({ isPointedAt, isOpen }: Pick<HitCardProps, "isPointedAt" | "isOpen">) =>
  classes(
    "relative flex flex-col gap-3 rounded-lg border bg-surface p-4 shadow-1 transition-colors duration-150",
    isOpen || isPointedAt ? "border-accent ring-1 ring-accent" : "border-line",
  );

function Place({ hit }: { hit: Hit }) {
  const { t } = useTranslation("retrieval");
  const section = hit.heading_path
    .filter((one) => one !== hit.title)
    .slice(-2)
    .join(" › ");
  const page = hit.page === null ? "" : t("page", { page: hit.page });
  const place = [section, page].filter(Boolean).join(" · ");
  return (
    place && (
      <p dir="auto" className="mt-0.5 line-clamp-2 text-xs text-faint">
        {place}
      </p>
    )
  );
}

/** Where the other searches have the same passage. */
function Elsewhere({ mode, ranks }: { mode: Mode; ranks: Partial<Record<Mode, number>> }) {
  const { t } = useTranslation("retrieval");
  const others = MODES.filter((one) => one !== mode);
  return (
    <p className="flex flex-wrap gap-x-3 text-xs text-faint">
      {others.map((one) => (
        <span key={one}>
          {ranks[one] === undefined
            ? t("rank_none", { mode: t(`mode_${one}`) })
            : t("rank_in", { mode: t(`mode_${one}`), rank: ranks[one] })}
        </span>
      ))}
    </p>
  );
}

function Narrow({ hit, onNarrow }: Required<Pick<HitCardProps, "hit" | "onNarrow">>) {
  const { t } = useTranslation("retrieval");
  if (!onNarrow) return null;
  return (
    <Tooltip text={t("narrow")}>
      <Button
        variant="quiet"
        size="icon"
        className="z-10 -me-2 -mt-2 shrink-0"
        aria-label={t("narrow_to", { title: hit.title })}
        onPress={() => onNarrow(hit.document_id)}
      >
        <Filter aria-hidden className="size-4" />
      </Button>
    </Tooltip>
  );
}

/** A passage with its place in the ranking; the whole card opens it. */
export const HitCard = memo(function HitCard(props: HitCardProps) {
  const { hit, mode, rank, ranks, scale, find, to, isOpen, onPoint, onNarrow } = props;
  const { t } = useTranslation("retrieval");
  return (
    <li
      data-pointed-at={props.isPointedAt || undefined}
      className={styleOf(props)}
      onMouseEnter={() => onPoint(hit.chunk_id)}
      onMouseLeave={() => onPoint(null)}
      onFocus={() => onPoint(hit.chunk_id)}
      onBlur={() => onPoint(null)}
    >
      <div className="flex items-start gap-3">
        <span className="grid size-7 shrink-0 place-items-center rounded-full bg-sunken text-sm font-semibold tabular-nums text-soft">
          <span className="sr-only">{t("rank")} </span>
          {rank}
        </span>
        <div className="min-w-0 grow">
          <h3 dir="auto" className="line-clamp-2 pt-0.5 font-medium">
            <Link
              to={to}
              preventScrollReset
              aria-current={isOpen || undefined}
              className="text-ink no-underline after:absolute after:inset-0 after:rounded-lg"
            >
              {hit.title}
            </Link>
          </h3>
          <Place hit={hit} />
        </div>
        <Narrow hit={hit} onNarrow={onNarrow} />
      </div>
      <p dir="auto" className="text-sm text-soft">
        <Marked text={excerptOf(hit.text, find, EXCERPT)} find={find} />
      </p>
      <ScoreBars bars={barsOf(hit, scale)} />
      <Elsewhere mode={mode} ranks={ranks.get(hit.chunk_id) ?? {}} />
    </li>
  );
});
