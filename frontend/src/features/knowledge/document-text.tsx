import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { classes } from "@/shared/ui";
import { blockAt, type Kind, type Piece, piecesOf, type Range, type Stretch } from "./blocks";

const STYLES: Record<Kind, string> = {
  chunk: "bg-accent-soft text-accent-soft-ink",
  passage: "bg-mark text-mark-ink",
  match: "bg-mark text-mark-ink",
  current: "outline-2 outline-focus bg-mark text-mark-ink",
};
const STRONGEST: readonly Kind[] = ["current", "match", "passage", "chunk"];

/** Where a chunk begins: a place in the text, and its number. */
export interface Boundary {
  at: number;
  index: number;
}

export interface DocumentTextProps {
  text: string;
  blocks: readonly Stretch[];
  ranges: readonly Range[];
  boundaries: readonly Boundary[];
  /** What is to be in sight; another object scrolls again. */
  target: Stretch | null;
  onChunk: (index: number) => void;
}

/** A text of any length: only the blocks in sight are there. */
export function DocumentText(props: DocumentTextProps) {
  const { t } = useTranslation("knowledge");
  const { blocks, target } = props;
  const box = useRef<HTMLElement>(null);
  const rows = useVirtualizer({
    count: blocks.length,
    getScrollElement: () => box.current,
    estimateSize: () => 180,
    overscan: 4,
  });
  useEffect(() => {
    if (!target || blocks.length === 0) return;
    rows.scrollToIndex(blockAt(blocks, target.from), { align: "start" });
    // Its block is there a moment later: then the very line is brought into sight.
    const timer = setTimeout(() => bringInSight(box.current, target.from), 80);
    return () => clearTimeout(timer);
  }, [target, blocks, rows]);
  return (
    <section
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard
      tabIndex={0}
      aria-label={t("text")}
      className="h-[70dvh] min-h-80 overflow-y-auto overscroll-contain px-4 py-4 -outline-offset-2 sm:px-6"
    >
      <div className="relative" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start }) => (
          <div
            key={key}
            ref={rows.measureElement}
            data-index={index}
            className="absolute inset-x-0 top-0"
            style={{ translate: `0 ${start}px` }}
          >
            <Block {...props} block={blocks[index]} />
          </div>
        ))}
      </div>
    </section>
  );
}

function bringInSight(box: HTMLElement | null, from: number): void {
  const line = box?.querySelector(`[data-from="${from}"]`);
  if (!box || !line) return;
  const above = line.getBoundingClientRect().top - box.getBoundingClientRect().top;
  box.scrollTop += above - box.clientHeight / 4;
  line.scrollIntoView({ block: "nearest" }); // the box itself may be below the window
}

function Block({ block, ...props }: DocumentTextProps & { block: Stretch | undefined }) {
  if (!block) return null;
  const { text, ranges, boundaries, onChunk } = props;
  const here = boundaries.filter(({ at }) => at >= block.from && at < block.to);
  const pieces = piecesOf(
    block,
    ranges,
    here.map(({ at }) => at),
  );
  return (
    <p dir="auto" className="whitespace-pre-wrap [unicode-bidi:plaintext]">
      {pieces.map((piece) => (
        <span key={piece.from}>
          {here
            .filter(({ at }) => at === piece.from)
            .map(({ index }) => (
              <ChunkMark key={index} index={index} onPress={() => onChunk(index)} />
            ))}
          <PieceText piece={piece} text={text} />
        </span>
      ))}
    </p>
  );
}

function PieceText({ piece: { from, to, kinds }, text }: { piece: Piece; text: string }) {
  const strongest = STRONGEST.find((kind) => kinds.includes(kind));
  const Tag = strongest && strongest !== "chunk" ? "mark" : "span";
  return (
    <Tag
      data-from={from}
      className={classes(
        "scroll-my-24 box-decoration-clone",
        strongest && `rounded-sm py-px ${STYLES[strongest]}`,
      )}
    >
      {text.slice(from, to)}
    </Tag>
  );
}

/** Where a chunk begins; it is not part of the text when that is copied. */
function ChunkMark({ index, onPress }: { index: number; onPress: () => void }) {
  const { t } = useTranslation("knowledge");
  return (
    <button
      type="button"
      aria-label={t("chunk", { number: index + 1 })}
      onClick={onPress}
      className="me-1 inline-flex h-6 min-w-6 cursor-pointer items-center justify-center rounded-sm border border-line bg-sunken px-1 align-middle font-mono text-xs text-faint tabular-nums select-none hover:border-line-strong hover:text-ink"
    >
      {index + 1}
    </button>
  );
}
