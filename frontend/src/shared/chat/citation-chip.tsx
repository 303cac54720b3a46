import { createContext, type ReactNode, useContext } from "react";
import { useTranslation } from "react-i18next";
import type { Citation } from "@/shared/api/inside";
import { PlainButton } from "@/shared/ui/button";
import { Tooltip } from "@/shared/ui/tooltip";

const WORD_JOINER = "\u2060"; // a chip does not begin a line: it belongs to what stands before it

interface Cited {
  citations: readonly Citation[];
  onOpen?: (citation: Citation) => void;
}

/** Beside the markdown, whose blocks need not be drawn again when a source is added. */
export const CitedContext = createContext<Cited>({ citations: [] });

/** Where `[1]` stands in an answer: a chip if there is such a source, else what was written. */
export function CitationMarker({ index, children }: { index: number; children: ReactNode }) {
  const { citations, onOpen } = useContext(CitedContext);
  const citation = citations.find((one) => one.index === index);
  if (!citation) return <span>{children}</span>;
  return (
    <>
      {WORD_JOINER}
      <CitationChip citation={citation} onOpen={onOpen} />
    </>
  );
}

interface ChipProps {
  citation: Citation;
  onOpen?: (citation: Citation) => void;
}

function CitationChip({ citation, onOpen }: ChipProps) {
  const { t } = useTranslation("chat");
  const place = usePlaceOf(citation);
  return (
    <Tooltip
      delay={150}
      text={<Quote citation={citation} place={place} />}
      className="flex max-w-80 flex-col gap-1.5 rounded-lg border border-line bg-surface p-3 text-start text-sm font-normal text-ink shadow-2"
    >
      <PlainButton
        aria-label={t("open_source", { index: citation.index, place })}
        onPress={() => onOpen?.(citation)}
        className="mx-0.5 inline-flex h-6 min-w-6 cursor-pointer items-center justify-center rounded-full bg-accent-soft px-1.5 align-baseline text-xs font-semibold text-accent-soft-ink tabular-nums transition-colors hover:bg-accent hover:text-accent-ink"
      >
        {citation.index}
      </PlainButton>
    </Tooltip>
  );
}

function Quote({ citation, place }: { citation: Citation; place: string }) {
  const { t } = useTranslation("chat");
  return (
    <>
      <span className="font-medium">{place}</span>
      <span dir="auto" className="line-clamp-5 border-s-2 border-accent ps-2.5 text-soft">
        {citation.quote}
      </span>
      {!citation.verified && <span className="text-xs text-faint">{t("not_verified")}</span>}
    </>
  );
}

/** "Price list, page 3". */
export function usePlaceOf({ title, page }: Pick<Citation, "title" | "page">): string {
  const { t } = useTranslation("chat");
  return page === null ? title : t("title_page", { title, page });
}
