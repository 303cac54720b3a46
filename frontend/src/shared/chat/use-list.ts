import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";

const USUAL_HEIGHT = 180;
const NEAR_TOP = 5; // items before the first: then older ones are fetched
const NEAR_TOP_PX = 1500;
const AT_END = 48; // px

interface Options {
  keys: readonly string[];
  hasOlder: boolean;
  isLoadingOlder: boolean;
  onOlder: () => void;
  /** The item that is gone to when the list is there, or when this is another one; absent: the end. */
  startAt?: string | null;
}

/** A window on a long list that grows at both ends: what is read stays where it is, the end stays the end. */
export function useList({ keys, hasOlder, isLoadingOlder, onOlder, startAt }: Options) {
  const scroller = useRef<HTMLDivElement>(null);
  const list = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => keys[index] ?? index,
    estimateSize: () => USUAL_HEIGHT,
    overscan: 6,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: AT_END,
    useFlushSync: false,
  });
  const hasItems = keys.length > 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: gone to once, not with every item that comes
  useEffect(() => {
    const start = startAt ? keys.indexOf(startAt) : -1;
    if (start >= 0) list.scrollToIndex(start, { align: "start" });
    else if (hasItems) list.scrollToEnd();
  }, [hasItems, list, startAt]);
  const first = list.getVirtualItems()[0]?.index;
  const isNearTop = first !== undefined && first < NEAR_TOP;
  useEffect(() => {
    const isThere = (scroller.current?.scrollTop ?? 0) < NEAR_TOP_PX; // not just before the jump to the end
    if (isNearTop && isThere && hasOlder && !isLoadingOlder) onOlder();
  }, [isNearTop, hasOlder, isLoadingOlder, onOlder]);
  return { scroller, list, isAtEnd: !hasItems || list.isAtEnd(AT_END) };
}
