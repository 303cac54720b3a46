import { codePointsOf } from "./code-points";

test("a text of the basic plane counts the same both ways", () => {
  const { toUnit, toCodePoint } = codePointsOf("Überlänge שלום");
  expect(toUnit(5)).toBe(5);
  expect(toCodePoint(5)).toBe(5);
});

test("a pair of surrogates is one code point", () => {
  const text = "a😀b🏳️‍🌈c";
  const points = Array.from(text);
  const { toUnit, toCodePoint } = codePointsOf(text);
  const at = points.indexOf("c");
  expect(text[toUnit(at)]).toBe("c");
  expect(toCodePoint(text.indexOf("c"))).toBe(at);
});

test("what lies behind the end is the end", () => {
  expect(codePointsOf("ab").toUnit(9)).toBe(2);
  expect(codePointsOf("a😀").toUnit(9)).toBe(3);
  expect(codePointsOf("a😀").toCodePoint(9)).toBe(2);
  expect(codePointsOf("").toUnit(1)).toBe(0);
});

test("offsets far into a long text are those of a walk through it", () => {
  const text = "war 😀 and peace\n".repeat(20_000);
  const points = Array.from(text);
  const { toUnit, toCodePoint } = codePointsOf(text);
  for (const place of [0, 4095, 4096, 4097, 123_456, points.length - 1, points.length]) {
    const unit = points.slice(0, place).join("").length;
    expect(toUnit(place)).toBe(unit);
    expect(toCodePoint(unit)).toBe(place);
  }
});
