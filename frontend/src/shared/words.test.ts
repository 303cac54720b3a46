import { excerptOf, finder } from "./words";

const found = (query: string, text: string) =>
  finder(query)(text).map(({ start, end }) => text.slice(start, end));

test("words are found in other forms, without accents and whatever their case", () => {
  expect(found("battery cafe", "Batteries at the Café")).toEqual(["Batteries", "Café"]);
});

test("short words mark nothing, unless there are no others", () => {
  expect(found("how is the warranty", "The warranty is how it is")).toEqual(["warranty"]);
  expect(found("the", "the end")).toEqual(["the"]);
});

test("numbers and words of other scripts are found though they are short", () => {
  expect(found("30 days", "within 30 days")).toEqual(["30", "days"]);
  expect(found("电池", "新电池保修三年")).toEqual(["电池"]);
});

test("words that merely begin alike are not the same", () => {
  expect(found("charge", "the charter")).toEqual([]);
});

test("a query without words finds nothing", () => {
  expect(found("?!", "really?!")).toEqual([]);
});

test("an excerpt is taken where most of the words stand", () => {
  const text = `warranty ${"filler ".repeat(100)}the battery warranty lasts ${"filler ".repeat(100)}`;
  const excerpt = excerptOf(text, finder("battery warranty"), 120);
  expect(excerpt).toContain("battery warranty lasts");
  expect(excerpt.startsWith("… ")).toBe(true);
  expect(excerpt.endsWith(" …")).toBe(true);
});

test("an excerpt of a short text is the text, without its headings unless it has nothing else", () => {
  expect(excerptOf("## Returns\n\nWithin 30\ndays.", finder("days"), 120)).toBe("Within 30 days.");
  expect(excerptOf("## Returns\n", finder("days"), 120)).toBe("Returns");
});
