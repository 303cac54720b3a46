import { FileText } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Citation } from "@/shared/api/inside";
import { PlainButton } from "@/shared/ui/button";
import { usePlaceOf } from "./citation-chip";

interface Props {
  citations: readonly Citation[];
  onOpen?: (citation: Citation) => void;
}

/** What an answer stands on, under it. */
export function SourceList({ citations, onOpen }: Props) {
  const { t } = useTranslation("chat");
  if (citations.length === 0) return null;
  return (
    <ul aria-label={t("sources")} className="mt-4 flex flex-wrap gap-2">
      {citations.map((citation) => (
        <Source key={citation.index} citation={citation} onOpen={onOpen} />
      ))}
    </ul>
  );
}

function Source({ citation, onOpen }: { citation: Citation; onOpen?: Props["onOpen"] }) {
  const { t } = useTranslation("chat");
  const place = usePlaceOf(citation);
  return (
    <li className="max-w-full">
      <PlainButton
        onPress={() => onOpen?.(citation)}
        className="inline-flex min-h-8 max-w-full cursor-pointer items-center gap-2 rounded-md border border-line bg-surface px-2.5 py-1 text-start text-sm text-soft transition-colors hover:bg-hover hover:text-ink"
      >
        <span className="font-semibold text-accent tabular-nums">{citation.index}</span>
        <FileText aria-hidden className="size-4 shrink-0 text-faint" />
        <span dir="auto" className="truncate">
          {place}
        </span>
        {!citation.verified && (
          <span className="shrink-0 text-xs text-faint">{t("not_verified")}</span>
        )}
      </PlainButton>
    </li>
  );
}
