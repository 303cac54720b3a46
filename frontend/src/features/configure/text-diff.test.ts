import { diffOf, shortened } from "./text-diff";

const told = (before: string, after: string) =>
  diffOf(before, after).map(({ kind, text }) => `${kind}:${text}`);

test("what stayed, went and came is told word by word", () => {
  expect(told("Be short and kind.", "Be short, exact and kind.")).toEqual([
    "same:Be short",
    "new:, exact",
    "same: and kind.",
  ]);
  expect(told("Name the page.", "Cite the page.")).toEqual([
    "gone:Name",
    "new:Cite",
    "same: the page.",
  ]);
});

test("both texts can be put together from it again", () => {
  const before = "One two three.\n\nFour five six.";
  const after = "Zero two three four.\nFour six.";
  const pieces = diffOf(before, after);
  const without = (kind: string) =>
    pieces
      .filter((piece) => piece.kind !== kind)
      .map(({ text }) => text)
      .join("");
  expect(without("new")).toBe(before);
  expect(without("gone")).toBe(after);
});

test("texts too long to compare by words are still told apart", () => {
  const many = (word: string) => `${word} `.repeat(5000);
  expect(diffOf(many("a"), many("b")).map(({ kind }) => kind)).toContain("gone");
});

test("of a long stretch that stayed, what stands beside the changes is shown", () => {
  const text = `${"a".repeat(300)}${"b".repeat(300)}`;
  expect(shortened(text, true, false)).toBe(` … ${"b".repeat(120)}`);
  expect(shortened("short", false, false)).toBe("short");
});
