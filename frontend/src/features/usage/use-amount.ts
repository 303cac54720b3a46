import { useFormat } from "@/shared/i18n/use-format";
import type { Measure } from "./measures";

/** An amount as it is written: sizes are no plain numbers. */
export function useAmount(): (amount: number, measure: Measure) => string {
  const format = useFormat();
  return (amount, measure) => (measure === "bytes" ? format.bytes(amount) : format.number(amount));
}
