import { useCallback, useMemo } from "react";
import { useUndoableDelete } from "@/shared/undo";
import { useDocumentListInfiniteQuery, type Wanted } from "./documents-api";
import { flat } from "./merge";
import { useLive } from "./use-live";

/** The documents that are wanted, as far as they were scrolled to, kept as they are now. */
export function useDocuments(wanted: Wanted, isExpecting: boolean) {
  const { isHidden } = useUndoableDelete();
  const list = useDocumentListInfiniteQuery(wanted, { refetchOnMountOrArgChange: true });
  const { currentData, error, isFetching, hasNextPage, fetchNextPage, refetch } = list;
  useLive(wanted, currentData, isExpecting);
  const all = useMemo(() => currentData && flat(currentData.pages), [currentData]);
  const documents = all?.filter(({ id }) => !isHidden(id));
  const onMore = useCallback(() => {
    if (!isFetching) void fetchNextPage();
  }, [isFetching, fetchNextPage]);
  return { documents, error, isFetching, hasMore: hasNextPage, onMore, refetch };
}
