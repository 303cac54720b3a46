const DAY_MS = 86_400_000;

export const RANGES = ["7", "30", "90", "month", "year"] as const;
export type Range = (typeof RANGES)[number];

/** The API counts days in UTC. */
const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);

const oneOf = <T extends string>(all: readonly T[], text: string | null, otherwise: T): T =>
  all.find((one) => one === text) ?? otherwise;

export const rangeOf = (text: string | null): Range => oneOf(RANGES, text, "30");

/** First and last day of a range that ends today. */
export function daysOf(range: Range, now: number): { from: string; to: string } {
  const to = dayOf(now);
  if (range === "month") return { from: `${to.slice(0, 7)}-01`, to };
  const days = range === "year" ? 365 : Number(range);
  return { from: dayOf(now - (days - 1) * DAY_MS), to };
}

/** Every day from the first to the last, also those on which nothing was used. */
export function everyDay(from: string, to: string): string[] {
  const days: string[] = [];
  for (let at = Date.parse(from); at <= Date.parse(to); at += DAY_MS) days.push(dayOf(at));
  return days;
}

export const GROUPS = ["day", "bot", "model"] as const;
export type Group = (typeof GROUPS)[number];
export const groupOf = (text: string | null): Group => oneOf(GROUPS, text, "day");
