import { useEffect, useRef } from "react";
import { useStore } from "react-redux";
import type { ListOfDocument } from "@/shared/api/inside";
import { refreshPages, type Wanted } from "./documents-api";
import { isBusy } from "./merge";

const EVERY_MS = 2000;
const PAGES_A_TURN = 2; // of those with work on them, in turn

interface Shown {
  pages: readonly ListOfDocument[];
  pageParams: readonly string[];
}

/**
 * Keep what is shown as it is, while there is work on any of it or more is expected: only the pages
 * with such documents are fetched, and none while nobody looks.
 */
export function useLive(wanted: Wanted, shown: Shown | undefined, isExpecting: boolean): void {
  const store = useStore();
  const latest = useRef(shown);
  latest.current = shown;
  const turn = useRef(0);
  const isOn = isExpecting || Boolean(shown?.pages.some(({ data }) => data.some(isBusy)));
  const { botId, status, q } = wanted;
  useEffect(() => {
    if (!isOn) return;
    let isUnderWay = false;
    const refresh = async () => {
      const busy = busyCursors(latest.current, isExpecting);
      if (document.hidden || isUnderWay || busy.length === 0) return;
      isUnderWay = true;
      const from = (turn.current * PAGES_A_TURN) % busy.length;
      turn.current += 1;
      const cursors = busy.slice(from, from + PAGES_A_TURN);
      await refreshPages(store, { botId, status, q }, cursors);
      isUnderWay = false;
    };
    const timer = setInterval(() => void refresh(), EVERY_MS);
    return () => clearInterval(timer);
  }, [store, isOn, isExpecting, botId, status, q]);
}

/** New documents come on the first page. */
function busyCursors(shown: Shown | undefined, isExpecting: boolean): string[] {
  if (!shown) return [];
  return shown.pageParams.filter(
    (_, index) => (isExpecting && index === 0) || shown.pages[index]?.data.some(isBusy),
  );
}
