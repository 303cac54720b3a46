import type { UsageSum } from "@/shared/api/inside";
import { everyDay } from "./range";

export const MEASURES = ["messages", "tokens", "documents", "bytes"] as const;
export type Measure = (typeof MEASURES)[number];

export const measureOf = (text: string | null): Measure =>
  MEASURES.find((one) => one === text) ?? "messages";

export function amountOf(sum: UsageSum, measure: Measure): number {
  if (measure === "tokens") return sum.prompt_tokens + sum.completion_tokens;
  return sum[measure];
}

export const totalOf = (sums: readonly UsageSum[], measure: Measure): number =>
  sums.reduce((total, sum) => total + amountOf(sum, measure), 0);

export interface Point {
  id: string;
  amount: number;
}

/** One point a day, without gaps: a day that is left out would look like no time at all. */
export function byDay(
  sums: readonly UsageSum[],
  measure: Measure,
  days: { from: string; to: string },
): Point[] {
  const amounts = new Map(sums.map((sum) => [sum.day, amountOf(sum, measure)]));
  return everyDay(days.from, days.to).map((id) => ({ id, amount: amounts.get(id) ?? 0 }));
}

/** The most first; what used nothing of it is left out. */
export function byOther(
  sums: readonly UsageSum[],
  measure: Measure,
  key: "bot_id" | "model",
): Point[] {
  return sums
    .map((sum) => ({ id: sum[key] ?? "", amount: amountOf(sum, measure) }))
    .filter(({ amount }) => amount > 0)
    .sort((a, b) => b.amount - a.amount);
}

const STEPS = [1, 2, 4, 6, 8, 10];

/** The next round number whose half is one too, for the top of a scale. */
export function roundUp(most: number): number {
  const power = 10 ** Math.max(Math.floor(Math.log10(most)), 0);
  const step = STEPS.find((one) => one * power >= most) ?? 10;
  return Math.max(step * power, 2);
}
