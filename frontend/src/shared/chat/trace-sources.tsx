import { useTranslation } from "react-i18next";
import type { TraceSource } from "@/shared/api/inside";
import type { Passage } from "@/shared/passage/passage";
import { PlainButton } from "@/shared/ui/button";

const SCORES = ["vector", "keyword", "rerank"] as const;
const score = (value: number) => value.toFixed(3);

interface Props {
  sources: readonly TraceSource[];
  onOpen: (passage: Passage) => void;
}

/** The passages that the model was given, best first. */
export function TraceSources({ sources, onOpen }: Props) {
  const { t } = useTranslation("chat");
  return (
    <section>
      <h3 className="mb-2 text-sm font-semibold">{t("found")}</h3>
      {sources.length === 0 && <p className="text-sm text-faint">{t("found_nothing")}</p>}
      <ol className="flex flex-col gap-2">
        {sources.map((source) => (
          <li key={source.chunk_id}>
            <Source source={source} onOpen={onOpen} />
          </li>
        ))}
      </ol>
    </section>
  );
}

function Source({ source, onOpen }: { source: TraceSource; onOpen: Props["onOpen"] }) {
  const { t } = useTranslation("chat");
  const { document_id, revision, start, end, page, title, text, scores } = source;
  const name = title ?? t("deleted_document");
  const place = page === null ? name : t("title_page", { title: name, page });
  const parts = SCORES.flatMap((kind) => {
    const value = scores[kind];
    return value === null ? [] : [[t(`score_${kind}`), score(value)].join(" ")];
  });
  return (
    <PlainButton
      isDisabled={source.deleted}
      onPress={() => onOpen({ documentId: document_id, revision, start, end, page, title: name })}
      className="flex w-full cursor-pointer flex-col gap-1 rounded-md border border-line p-3 text-start text-sm transition-colors hover:bg-hover disabled:cursor-default"
    >
      <span className="flex justify-between gap-3">
        <span dir="auto" className="min-w-0 truncate font-medium">
          {place}
        </span>
        <span className="text-faint tabular-nums">{score(source.score)}</span>
      </span>
      {text && (
        <span dir="auto" className="line-clamp-3 text-soft">
          {text}
        </span>
      )}
      <span className="text-xs text-faint tabular-nums">{parts.join(" · ")}</span>
    </PlainButton>
  );
}
