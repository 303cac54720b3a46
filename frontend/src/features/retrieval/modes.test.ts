import type { Hit } from "@/shared/api/inside";
import { barsOf, ranksOf, scaleOf } from "./modes";

const hit = (chunk_id: string, score: number, scores: Partial<Hit["scores"]> = {}) =>
  ({ chunk_id, score, scores: { vector: null, keyword: null, rerank: null, ...scores } }) as Hit;

test("a passage has its place in every search that found it", () => {
  const ranks = ranksOf({
    hybrid: [hit("a", 3), hit("b", 2)],
    vector: [hit("b", 2)],
    keyword: [hit("c", 1), hit("b", 0)],
  });
  expect(ranks.get("b")).toEqual({ hybrid: 2, vector: 1, keyword: 2 });
  expect(ranks.get("c")).toEqual({ keyword: 1 });
});

test("only the parts that a search has are shown, filled by their share of the best", () => {
  const best = hit("a", 4, { vector: 0.6, keyword: 10 });
  const other = hit("b", 1, { keyword: 5 });
  expect(barsOf(other, scaleOf([best, other]))).toEqual([
    { part: "score", value: 1, share: 0.25 },
    { part: "keyword", value: 5, share: 0.5 },
  ]);
  expect(barsOf(best, scaleOf([best, other]))[1]).toEqual({
    part: "vector",
    value: 0.6,
    share: 0.6,
  });
});

test("a score below zero leaves its bar empty", () => {
  const poor = hit("a", -0.3, { vector: -0.1 });
  expect(barsOf(poor, scaleOf([poor])).map(({ share }) => share)).toEqual([0, 0]);
});
