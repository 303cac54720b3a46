import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/use-format";
import type { ChunkPlace } from "./chunks-api";

interface ChunkListProps {
  chunks: readonly ChunkPlace[];
  wordsOf: (chunk: ChunkPlace) => string;
  selected: number | null;
  onSelect: (index: number) => void;
}

const HEIGHT = 116;

/** The chunks side by side with the text: where each stands, and how it begins. */
export function ChunkList({ chunks, wordsOf, selected, onSelect }: ChunkListProps) {
  const { t } = useTranslation("knowledge");
  const box = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: chunks.length,
    getScrollElement: () => box.current,
    estimateSize: () => HEIGHT,
    overscan: 4,
  });
  useEffect(() => {
    const at = chunks.findIndex(({ index }) => index === selected);
    if (at !== -1) rows.scrollToIndex(at, { align: "auto" });
  }, [selected, chunks, rows]);
  return (
    <div ref={box} className="h-[70dvh] min-h-80 overflow-y-auto overscroll-contain">
      <ol aria-label={t("chunks")} className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start, size }) => {
          const chunk = chunks[index];
          if (!chunk) return null;
          return (
            <li
              key={key}
              aria-posinset={index + 1}
              aria-setsize={chunks.length}
              className="absolute inset-x-0 top-0 border-b border-line"
              style={{ height: size, translate: `0 ${start}px` }}
            >
              <ChunkButton
                chunk={chunk}
                words={wordsOf(chunk)}
                isSelected={chunk.index === selected}
                onPress={() => onSelect(chunk.index)}
              />
            </li>
          );
        })}
      </ol>
    </div>
  );
}

interface ChunkButtonProps {
  chunk: ChunkPlace;
  words: string;
  isSelected: boolean;
  onPress: () => void;
}

function ChunkButton({ chunk, words, isSelected, onPress }: ChunkButtonProps) {
  const { t } = useTranslation("knowledge");
  const format = useFormat();
  const { index, start, end, page, heading_path, enabled } = chunk;
  const facts = [
    page && t("page", { page }),
    t("offsets", { start: format.number(start), end: format.number(end) }),
    !enabled && t("chunk_off"),
  ];
  return (
    <button
      type="button"
      aria-pressed={isSelected}
      onClick={onPress}
      className="flex size-full cursor-pointer flex-col gap-0.5 border-s-2 border-transparent px-4 py-2.5 text-start -outline-offset-2 hover:bg-hover/50 aria-pressed:border-accent aria-pressed:bg-accent-soft/50"
    >
      <span className="flex w-full items-baseline justify-between gap-3 text-xs text-faint">
        <span className="font-medium text-ink">{t("chunk", { number: index + 1 })}</span>
        <span className="truncate tabular-nums">{facts.filter(Boolean).join(" · ")}</span>
      </span>
      {heading_path.length > 0 && (
        <span dir="auto" className="w-full truncate text-xs text-soft">
          {heading_path.join(" › ")}
        </span>
      )}
      <span dir="auto" className="line-clamp-2 w-full text-sm text-soft">
        {words}
      </span>
    </button>
  );
}
