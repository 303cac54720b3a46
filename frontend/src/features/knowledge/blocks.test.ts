import { blockAt, blocksOf, matchesOf, piecesOf } from "./blocks";

test("the blocks of a text are the text, without a gap", () => {
  const text = `${"a line of words\n".repeat(300)}${"x".repeat(20_000)}\n${"😀 ".repeat(9000)}`;
  const blocks = blocksOf(text);
  expect(blocks.map(({ from, to }) => text.slice(from, to)).join("")).toBe(text);
  expect(Math.max(...blocks.map(({ from, to }) => to - from))).toBeLessThan(5000);
});

test("a place is found in its block", () => {
  const blocks = blocksOf("a line of words\n".repeat(300));
  for (const place of [0, 511, 512, 2400, 4799]) {
    const { from, to } = blocks[blockAt(blocks, place)] ?? { from: -1, to: -1 };
    expect(place >= from && place < to).toBe(true);
  }
});

test("a piece that a chunk and the cited passage cover is both", () => {
  const pieces = piecesOf(
    { from: 10, to: 30 },
    [
      { from: 0, to: 20, kind: "chunk" },
      { from: 15, to: 40, kind: "passage" },
    ],
    [12],
  );
  expect(pieces).toEqual([
    { from: 10, to: 12, kinds: ["chunk"] },
    { from: 12, to: 15, kinds: ["chunk"] },
    { from: 15, to: 20, kinds: ["chunk", "passage"] },
    { from: 20, to: 30, kinds: ["passage"] },
  ]);
});

test("what is searched for is found whatever its capitals, as plain text, across lines", () => {
  expect(matchesOf("Price (net)\nprice  (NET)", "price (net)")).toEqual([
    { from: 0, to: 11 },
    { from: 12, to: 24 },
  ]);
  expect(matchesOf("İstanbul price", "price")).toEqual([{ from: 9, to: 14 }]);
  expect(matchesOf("abc", "a")).toEqual([]);
});
