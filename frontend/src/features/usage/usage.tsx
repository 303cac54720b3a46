import { useSearchParams } from "react-router";
import { useGetUsageQuery } from "@/shared/api/inside";
import { History } from "./history";
import { Plan } from "./plan";
import { daysOf, groupOf, rangeOf } from "./range";

/** What the plan allows and how much of it is used, and what was used when, by what. */
export function Usage() {
  const [params] = useSearchParams();
  const range = rangeOf(params.get("range"));
  const groupBy = groupOf(params.get("by"));
  const days = daysOf(range, Date.now());
  const usage = useGetUsageQuery({ ...days, groupBy });
  return (
    <div className="flex flex-col gap-10">
      <Plan usage={usage} />
      <History usage={usage} days={days} range={range} groupBy={groupBy} />
    </div>
  );
}
