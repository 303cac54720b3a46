import { isNullable, type SettingSchema } from "./schema";

/** What is wrong with a value, to be said as `fault_<key>`. */
export type Fault =
  | { key: "missing" | "number" | "whole" | "empty_line" | "twice" }
  | { key: "too_long" | "too_many"; most: number }
  | { key: "range"; least: number; most: number };

/** What the schema has against a value; undefined: nothing. */
export function check(schema: SettingSchema, value: unknown): Fault | undefined {
  if (value === null) return isNullable(schema) ? undefined : { key: "missing" };
  if (typeof value === "string") return checkText(schema, value);
  if (typeof value === "number") return checkNumber(schema, value);
  if (Array.isArray(value)) return checkList(schema, value);
  return undefined;
}

// The API counts code points, and so does `Array.from`.
const lengthOf = (text: string): number => Array.from(text).length;

function checkText({ minLength = 0, maxLength }: SettingSchema, text: string): Fault | undefined {
  if (minLength > 0 && text.trim() === "") return { key: "missing" };
  const isTooLong = maxLength !== undefined && lengthOf(text) > maxLength;
  return isTooLong ? { key: "too_long", most: maxLength } : undefined;
}

function checkNumber(schema: SettingSchema, value: number): Fault | undefined {
  if (Number.isNaN(value)) return { key: "number" };
  if (schema.type === "integer" && !Number.isInteger(value)) return { key: "whole" };
  const { minimum: least = -Infinity, maximum: most = Infinity } = schema;
  return value < least || value > most ? { key: "range", least, most } : undefined;
}

function checkList(schema: SettingSchema, values: unknown[]): Fault | undefined {
  const { maxItems = Infinity, items, uniqueItems } = schema;
  if (values.length > maxItems) return { key: "too_many", most: maxItems };
  const faults = items ? values.map((value) => check(items, value)) : [];
  if (faults.some((fault) => fault?.key === "missing")) return { key: "empty_line" };
  if (uniqueItems && new Set(values).size < values.length) return { key: "twice" };
  return faults.find((fault) => fault !== undefined);
}
