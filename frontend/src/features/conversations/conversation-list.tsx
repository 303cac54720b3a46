import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/shared/api/inside";
import { Card, Loading, Skeleton } from "@/shared/ui";
import { finder } from "@/shared/words";
import { ConversationRow } from "./conversation-row";
import type { Filters } from "./filters";
import type { Pages } from "./pages";

const USUAL_HEIGHT = 73;
const OVERSCAN = 10;

/** How far down the page the list begins: what stands above it may grow. */
function useOffset() {
  const list = useRef<HTMLUListElement>(null);
  const [offset, setOffset] = useState(0);
  useLayoutEffect(() => {
    const top = list.current?.getBoundingClientRect().top ?? 0;
    const next = Math.round(top + window.scrollY);
    if (next !== offset) setOffset(next);
  });
  return { list, offset };
}

interface ConversationListProps {
  conversations: readonly Conversation[];
  pages: Pages;
  filters: Filters;
}

/** However many there are, only those in view, and a few around them, are in the document. */
export function ConversationList({ conversations, pages, filters }: ConversationListProps) {
  const { t } = useTranslation("conversations");
  const { list, offset } = useOffset();
  const find = useMemo(() => finder(filters.q ?? ""), [filters.q]);
  const rows = useWindowVirtualizer({
    count: conversations.length,
    estimateSize: () => USUAL_HEIGHT,
    getItemKey: (index) => conversations[index]?.id ?? index,
    overscan: OVERSCAN,
    scrollMargin: offset,
  });
  const shown = rows.getVirtualItems();
  const isNearEnd = (shown.at(-1)?.index ?? 0) >= conversations.length - OVERSCAN;
  const { hasMore, isLoadingMore, loadMore } = pages;
  useEffect(() => {
    if (isNearEnd && hasMore && !isLoadingMore) loadMore();
  }, [isNearEnd, hasMore, isLoadingMore, loadMore]);
  return (
    <Card className="overflow-hidden">
      <ul
        ref={list}
        aria-label={t("title")}
        className="relative"
        style={{ height: rows.getTotalSize() }}
      >
        {shown.map(({ key, index, start }) => {
          const conversation = conversations[index];
          return (
            conversation && (
              <li
                key={key}
                ref={rows.measureElement}
                data-index={index}
                aria-posinset={index + 1}
                aria-setsize={hasMore ? -1 : conversations.length}
                className="absolute inset-x-0 top-0 border-b border-line"
                style={{ transform: `translateY(${start - offset}px)` }}
              >
                <ConversationRow {...{ conversation, filters, find }} />
              </li>
            )
          );
        })}
      </ul>
      {isLoadingMore && <RowsWaiting count={2} />}
    </Card>
  );
}

function RowsWaiting({ count }: { count: number }) {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      {Array.from({ length: count }, (_, row) => (
        <div key={row} className="flex h-18.25 flex-col gap-3 border-b border-line px-5 py-4">
          <Skeleton className="h-4 w-3/5" />
          <Skeleton className="h-3 w-2/5" />
        </div>
      ))}
    </Loading>
  );
}

export function ListWaiting() {
  return (
    <Card className="overflow-hidden">
      <RowsWaiting count={8} />
    </Card>
  );
}
