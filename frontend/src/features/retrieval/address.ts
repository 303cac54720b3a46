import { useCallback, useMemo } from "react";
import { useParams, useSearchParams } from "react-router";
import { MODES, type Mode } from "./modes";
import type { Asked } from "./search-api";

const MOST_PASSAGES = 100;

const kOf = (text: string | null) => {
  const k = Number(text);
  return Number.isInteger(k) && k >= 1 && k <= MOST_PASSAGES ? k : null;
};

type Change = Partial<Record<"q" | "k" | "document" | "view" | "passage", string | null>>;

/** `params` with what changes; what is null goes. */
function changed(params: URLSearchParams, change: Change): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [name, value] of Object.entries(change)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return next;
}

/** The question, the settings and the passage that is open stand in the address: a search can be sent to somebody. */
export function useAddress() {
  const { botId = "" } = useParams();
  const [params, setParams] = useSearchParams();
  const query = params.get("q")?.trim() ?? "";
  const k = kOf(params.get("k"));
  const documentId = params.get("document");
  const asked: Asked = useMemo(
    () => ({ botId, query, k, documentId }),
    [botId, query, k, documentId],
  );
  const change = useCallback(
    (what: Change) => setParams((now) => changed(now, what), { preventScrollReset: true }),
    [setParams],
  );
  return {
    asked,
    view: MODES.find((mode) => mode === params.get("view")) ?? ("hybrid" satisfies Mode),
    passage: params.get("passage"),
    change,
    /** Where a passage of a search is open. */
    toPassage: useCallback(
      (chunkId: string, view: Mode) => `?${changed(params, { passage: chunkId, view })}`,
      [params],
    ),
  };
}
