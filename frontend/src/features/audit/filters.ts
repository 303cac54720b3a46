import { useSearchParams } from "react-router";
import type { AuditEvent } from "@/shared/api/inside";

export type Action = AuditEvent["action"];

/** What entries are about; the API finds all whose action begins so. */
export const KINDS = [
  "api_key",
  "bot",
  "crawl",
  "document",
  "invitation",
  "member",
  "ownership",
  "plan",
  "provider_credentials",
  "workspace",
] as const;
export type Kind = (typeof KINDS)[number];

export interface Filters {
  kind: Kind | null;
  actor: string;
  target: string;
  from: string;
  to: string;
  /** Of the page that is shown; empty: the newest. */
  cursor: string;
}

const NAMES = ["kind", "actor", "target", "from", "to"] as const;

const isDay = (text: string): boolean => !Number.isNaN(Date.parse(text));

/** The filters as they stand in the address; another one begins at the newest entries. */
export function useFilters() {
  const [params, setParams] = useSearchParams();
  const text = (name: string): string => params.get(name) ?? "";
  const day = (name: string): string => (isDay(text(name)) ? text(name) : "");
  const filters: Filters = {
    kind: KINDS.find((kind) => kind === text("kind")) ?? null,
    actor: text("actor"),
    target: text("target"),
    from: day("from"),
    to: day("to"),
    cursor: text("cursor"),
  };
  const set = (changed: Partial<Record<(typeof NAMES)[number], string>>) => {
    const entries = NAMES.map((name) => [name, changed[name] ?? text(name)]);
    setParams(entries.filter(([, value]) => value !== "") as [string, string][]);
  };
  const withCursor = (cursor: string): string => {
    const next = new URLSearchParams(params);
    if (cursor) next.set("cursor", cursor);
    else next.delete("cursor");
    return `?${next}`;
  };
  const isFiltered = NAMES.some((name) => text(name) !== "");
  return { filters, set, clear: () => setParams({}), isFiltered, withCursor };
}

/** As the API takes them. */
export function argOf({ kind, actor, target, from, to, cursor }: Filters) {
  return {
    limit: 50,
    ...(kind && { action: `${kind}.` }),
    ...(actor && { actor }),
    ...(target && { target }),
    ...(from && { from }),
    ...(to && { to }),
    ...(cursor && { cursor }),
  };
}

/** `bot.version_created` is `action_bot_version_created` in the texts. */
export const textKeyOf = (action: Action) =>
  `action_${action.replace(".", "_") as "bot_created"}` as const;
