import { excerptOf } from "./excerpt";

const near = { earlier: 10, later: 10 };

test("a passage behind an emoji is marked where the API counts it", () => {
  const excerpt = excerptOf("😀😀 The warranty is two years.", { start: 3, end: 15 }, near);
  expect(excerpt).toMatchObject({ before: "😀😀 ", passage: "The warranty" });
});

test("only the surroundings of a passage in a long text are taken", () => {
  const text = `${"line before\n".repeat(100_000)}PASSAGE\n${"line after\n".repeat(100_000)}`;
  const start = text.indexOf("PASSAGE");
  const excerpt = excerptOf(text, { start, end: start + 7 }, near);
  expect(excerpt).toEqual({
    before: "line before\n",
    passage: "PASSAGE",
    after: "\nline after",
    hasEarlier: true,
    hasLater: true,
  });
});

test("a whole short text has nothing before or behind it", () => {
  expect(excerptOf("one two", { start: 0, end: 3 }, near)).toMatchObject({
    hasEarlier: false,
    hasLater: false,
  });
});

test("a passage that the text does not reach is none", () => {
  expect(excerptOf("short", { start: 10, end: 20 }, near)).toBeNull();
});
