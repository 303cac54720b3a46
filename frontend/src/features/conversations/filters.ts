import { useCallback, useMemo } from "react";
import { useSearchParams } from "react-router";
import type { ListConversationsApiArg } from "@/shared/api/inside";

const NAMES = ["q", "status", "feedback", "who", "degraded", "from", "to"] as const;
export type FilterName = (typeof NAMES)[number];
/** As they stand in the address; what is not there does not filter. */
export type Filters = Readonly<Partial<Record<FilterName, string>>>;

export const STATUSES = ["completed", "stopped", "failed", "streaming", "pending"] as const;
export const RATINGS = ["up", "down"] as const;

/** Nothing but the words that are searched for is left. */
export const UNFILTERED: Partial<Record<FilterName, string>> = {
  status: "",
  feedback: "",
  who: "",
  degraded: "",
  from: "",
  to: "",
};

const MOST_CHARACTERS = 200;
const PERSON = /^(?:usr|key)_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

const isOf = (values: readonly string[]) => (value: string) => values.includes(value);

/** What somebody wrote into the address by hand is left out where the API would refuse it. */
const IS_VALID: Record<FilterName, (value: string) => boolean> = {
  q: (value) => value.trim() !== "" && value.length <= MOST_CHARACTERS,
  status: isOf(STATUSES),
  feedback: isOf(RATINGS),
  who: (value) => PERSON.test(value),
  degraded: isOf(["true"]),
  from: (value) => DAY.test(value),
  to: (value) => DAY.test(value),
};

export function filtersOf(params: URLSearchParams): Filters {
  const entries = NAMES.flatMap((name) => {
    const value = params.get(name);
    return value !== null && IS_VALID[name](value) ? [[name, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

/** The filters as an address carries them, from the list to a conversation and back. */
export const searchOf = (filters: Filters, more: Record<string, string> = {}): string => {
  const params = new URLSearchParams({ ...filters, ...more }).toString();
  return params && `?${params}`;
};

export type Asked = Omit<ListConversationsApiArg, "limit" | "cursor">;

export const askedOf = (botId: string, filters: Filters): Asked => ({
  ...(filters as Omit<Asked, "botId">),
  botId,
  degraded: filters.degraded ? true : undefined,
});

export function useFilters() {
  const [params, setParams] = useSearchParams();
  const text = params.toString();
  const filters = useMemo(() => filtersOf(new URLSearchParams(text)), [text]);
  const change = useCallback(
    (what: Partial<Record<FilterName, string>>) =>
      setParams((now) => filtersOf(new URLSearchParams({ ...filtersOf(now), ...what })), {
        replace: true,
        preventScrollReset: true,
      }),
    [setParams],
  );
  const clear = useCallback(() => setParams({}, { replace: true }), [setParams]);
  return { filters, change, clear };
}
