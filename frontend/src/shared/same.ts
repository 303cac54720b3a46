/** Whether two pieces of JSON say the same; the order of an object's keys says nothing. */
export function same(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (!isCompound(left) || !isCompound(right)) return false;
  const names = Object.keys(left);
  if (Array.isArray(left) !== Array.isArray(right)) return false;
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => name in right && same(left[name], right[name]));
}

const isCompound = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null;
