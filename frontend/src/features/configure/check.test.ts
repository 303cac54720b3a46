import { check } from "./check";
import { groupsOf, kindOf, settingsOf } from "./schema";

test("a number out of range, or not whole where it must be, is at fault", () => {
  const schema = { type: "integer", minimum: 1, maximum: 50 };
  expect(check(schema, 5)).toBeUndefined();
  expect(check(schema, 51)).toEqual({ key: "range", least: 1, most: 50 });
  expect(check(schema, 1.5)).toEqual({ key: "whole" });
  expect(check(schema, Number.NaN)).toEqual({ key: "number" });
});

test("nothing is allowed only where the schema says so", () => {
  expect(check({ type: ["string", "null"] }, null)).toBeUndefined();
  expect(check({ type: "string" }, null)).toEqual({ key: "missing" });
});

test("a text is measured in characters as people count them", () => {
  expect(check({ type: "string", maxLength: 2 }, "🚲🚲")).toBeUndefined();
  expect(check({ type: "string", maxLength: 2 }, "🚲🚲🚲")).toEqual({ key: "too_long", most: 2 });
});

test("a list takes each once, and no empty line", () => {
  const schema = {
    type: "array",
    maxItems: 3,
    uniqueItems: true,
    items: { type: "string", minLength: 1 },
  };
  expect(check(schema, ["a", "b"])).toBeUndefined();
  expect(check(schema, ["a", " "])).toEqual({ key: "empty_line" });
  expect(check(schema, ["a", "a"])).toEqual({ key: "twice" });
});

test("a setting that the form does not know by name comes last, and one that takes nothing not at all", () => {
  const settings = settingsOf({
    properties: {
      tools: { type: "array", maxItems: 0, items: { type: "object" } },
      strictness: { type: "integer", minimum: 0, maximum: 3 },
      system_prompt: { type: "string", maxLength: 20_000 },
    },
  });
  const groups = groupsOf(settings).map(({ name, settings: of }) => [name, of.map((s) => s.name)]);
  expect(groups).toEqual([
    ["general", ["name", "description"]],
    ["behaviour", ["system_prompt"]],
    ["more", ["strictness"]],
  ]);
  expect(settings.map(({ schema }) => kindOf(schema))).toContain("number");
});
