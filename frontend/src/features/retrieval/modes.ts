import type { Hit } from "@/shared/api/inside";

/** How passages are searched for, as they stand side by side. */
export const MODES = ["hybrid", "vector", "keyword"] as const;
export type Mode = (typeof MODES)[number];

/** The place of every passage in the ranking of each search that found it, from 1. */
export type Ranks = ReadonlyMap<string, Partial<Record<Mode, number>>>;

export function ranksOf(found: Record<Mode, readonly Hit[]>): Ranks {
  const ranks = new Map<string, Partial<Record<Mode, number>>>();
  for (const mode of MODES)
    for (const [index, hit] of found[mode].entries())
      ranks.set(hit.chunk_id, { ...ranks.get(hit.chunk_id), [mode]: index + 1 });
  return ranks;
}

export const PARTS = ["score", "vector", "keyword", "rerank"] as const;
export type Part = (typeof PARTS)[number];

/** The number behind a bar and how much of the bar it fills, from 0 to 1. */
export interface Bar {
  part: Part;
  value: number;
  share: number;
}

/** What a whole bar stands for. */
export type Scale = Record<Part, number>;

/** A cosine and a reranker's judgement end at 1; the others only compare with the best of the list. */
export function scaleOf(hits: readonly Hit[]): Scale {
  return {
    score: Math.max(0, ...hits.map(({ score }) => score)),
    vector: 1,
    keyword: Math.max(0, ...hits.map(({ scores }) => scores.keyword ?? 0)),
    rerank: 1,
  };
}

export function barsOf({ score, scores }: Hit, scale: Scale): Bar[] {
  const values = { score, ...scores };
  return PARTS.flatMap((part) => {
    const value = values[part];
    if (value === null) return [];
    const share = scale[part] > 0 ? value / scale[part] : 0;
    return [{ part, value, share: Math.min(1, Math.max(0, share)) }];
  });
}
