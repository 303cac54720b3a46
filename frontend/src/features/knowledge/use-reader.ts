import { useDeferredValue, useMemo, useState } from "react";
import { codePointsOf } from "@/shared/passage/code-points";
import { blocksOf, matchesOf, type Range, type Stretch } from "./blocks";
import type { ChunkPlace } from "./chunks-api";

/** What was last asked to be shown; a new object brings it into sight again. */
type Aim = { kind: "passage" } | { kind: "chunk"; index: number } | { kind: "match"; at: number };

interface Read {
  text: string;
  chunks: readonly ChunkPlace[];
  /** Cited, in code points. */
  passage: { start: number; end: number } | null;
}

/** Where the chunks and the passage stand, in the units of the text. */
function usePlaces({ text, chunks, passage }: Read) {
  const blocks = useMemo(() => blocksOf(text), [text]);
  const placeOf = useMemo(() => {
    const { toUnit } = codePointsOf(text);
    return (of: { start: number; end: number }): Stretch => {
      return { from: toUnit(of.start), to: toUnit(of.end) };
    };
  }, [text]);
  const boundaries = useMemo(
    () => chunks.map((chunk) => ({ at: placeOf(chunk).from, index: chunk.index })),
    [chunks, placeOf],
  );
  const cited = useMemo(() => {
    const place = passage && placeOf(passage);
    return place && place.from < place.to ? place : null;
  }, [passage, placeOf]);
  return { blocks, placeOf, boundaries, cited };
}

/** A text with its chunks, the cited passage and what is searched for: what is marked, and what is in sight. */
export function useReader(read: Read) {
  const { text, chunks } = read;
  const { blocks, placeOf, boundaries, cited } = usePlaces(read);
  const [aim, setAim] = useState<Aim>({ kind: "passage" });
  const [query, setQuery] = useState("");
  const sought = useDeferredValue(query);
  const matches = useMemo(() => matchesOf(text, sought), [text, sought]);
  const selected = useMemo(() => {
    const chunk = aim.kind === "chunk" && chunks.find(({ index }) => index === aim.index);
    return chunk ? placeOf(chunk) : null;
  }, [aim, chunks, placeOf]);
  const current = aim.kind === "match" ? Math.min(aim.at, Math.max(matches.length - 1, 0)) : 0;
  const targets = { passage: cited, chunk: selected, match: matches[current] ?? null };
  const ranges = useMemo(
    () => rangesOf(selected, cited, matches, current),
    [selected, cited, matches, current],
  );
  return {
    text: { text, blocks, boundaries, ranges, target: targets[aim.kind] },
    cited,
    search: {
      query,
      onQuery: (words: string) => {
        setQuery(words);
        setAim({ kind: "match", at: 0 });
      },
      count: matches.length,
      current,
      onCurrent: (at: number) => setAim({ kind: "match", at }),
    },
    selected: aim.kind === "chunk" ? aim.index : null,
    select: (index: number) => setAim({ kind: "chunk", index }),
    wordsOf: (chunk: ChunkPlace) => wordsAt(text, placeOf(chunk)),
  };
}

const WORDS_SHOWN = 200;

const wordsAt = (text: string, { from, to }: Stretch) =>
  text.slice(from, Math.min(to, from + WORDS_SHOWN)).trim();

function rangesOf(
  selected: Stretch | null,
  cited: Stretch | null,
  matches: readonly Stretch[],
  current: number,
): Range[] {
  const found = matches.map((match, index): Range => {
    return { ...match, kind: index === current ? "current" : "match" };
  });
  if (cited) found.unshift({ ...cited, kind: "passage" });
  if (selected) found.unshift({ ...selected, kind: "chunk" });
  return found;
}
