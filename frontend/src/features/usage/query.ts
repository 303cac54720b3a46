import type { UsageReport } from "@/shared/api/inside";

/** What the screen's one request stands at; its parts share it. */
export interface UsageQuery {
  data?: UsageReport;
  currentData?: UsageReport;
  error?: unknown;
  isFetching: boolean;
  refetch: () => unknown;
}
