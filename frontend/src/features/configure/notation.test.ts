import { notationOf } from "./notation";

test("numbers are read as the language writes them", () => {
  expect(notationOf("en").parse(" 0.75 ")).toBe(0.75);
  expect(notationOf("de").parse("-0,75")).toBe(-0.75);
  expect(notationOf("ar-EG").parse("١٫٥")).toBe(1.5);
  expect(notationOf("fa").parse("0.75")).toBe(0.75); // with a keyboard of Latin digits
  for (const locale of ["en", "de", "fr", "ar", "fa", "he"]) {
    const { parse, format } = notationOf(locale);
    expect(parse(format(-1234.5))).toBe(-1234.5);
  }
});

test("what could be meant in two ways is no number", () => {
  expect(notationOf("en").parse("1,000")).toBeNaN();
  expect(notationOf("de").parse("1.000")).toBeNaN();
  expect(notationOf("en").parse("")).toBeNaN();
});
