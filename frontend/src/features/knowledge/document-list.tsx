import { useWindowVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Document } from "@/shared/api/inside";
import { Skeleton } from "@/shared/ui";
import { Checkbox } from "@/shared/ui/checkbox";
import { useMediaQuery } from "@/shared/use-media-query";
import { DocumentRow, type RowDeeds, rowGrid } from "./document-row";

const AHEAD = 20; // rows before the end at which the next page is asked for
const HEIGHT = 68;
const HEIGHT_NARROW = 104;

export interface Selection {
  ids: ReadonlySet<string>;
  select: (ids: readonly string[], isSelected: boolean) => void;
}

interface DocumentListProps {
  documents: readonly Document[];
  hasMore: boolean;
  onMore: () => void;
  selection: Selection;
  deeds?: RowDeeds;
}

/** Only the rows in the window, and some around them, are there: ten thousand are as quick as ten. */
export function DocumentList(props: DocumentListProps) {
  const { t } = useTranslation("knowledge");
  const { documents, hasMore, onMore } = props;
  const { list, rows } = useRows(props);
  const last = rows.getVirtualItems().at(-1)?.index ?? 0;
  useEffect(() => {
    if (hasMore && last >= documents.length - AHEAD) onMore();
  }, [hasMore, last, documents.length, onMore]);
  return (
    <table
      aria-label={t("documents")}
      aria-rowcount={hasMore ? -1 : documents.length + 1}
      className="block rounded-lg border border-line bg-surface text-start shadow-1"
    >
      <Head {...props} />
      <tbody ref={list} className="relative block" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map(({ key, index, start, size }) => (
          <tr
            key={key}
            aria-rowindex={index + 2}
            className={`${rowGrid} absolute inset-x-0 content-center top-0 border-line not-last:border-b hover:bg-hover/50`}
            style={{ height: size, translate: `0 ${start - rows.options.scrollMargin}px` }}
          >
            <Row {...props} document={documents[index]} />
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function useRows({ documents, hasMore }: DocumentListProps) {
  const list = useRef<HTMLTableSectionElement>(null);
  const [scrollMargin, setMargin] = useState(0);
  const isWide = useMediaQuery("(min-width: 48rem)");
  // What stands above may grow and shrink: uploads, a crawl.
  useLayoutEffect(() => {
    const top = list.current?.getBoundingClientRect().top ?? 0;
    const margin = Math.round(top + window.scrollY);
    setMargin((before) => (before === margin ? before : margin));
  });
  const height = isWide ? HEIGHT : HEIGHT_NARROW;
  const rows = useWindowVirtualizer({
    count: documents.length + (hasMore ? 1 : 0),
    estimateSize: () => height,
    getItemKey: (index) => documents[index]?.id ?? "more",
    overscan: 6,
    scrollMargin,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: heights are kept until they are measured anew
  useEffect(() => rows.measure(), [height]);
  return { list, rows };
}

function Head({ documents, selection, deeds }: DocumentListProps) {
  const { t } = useTranslation("knowledge");
  const chosen = documents.filter(({ id }) => selection.ids.has(id)).length;
  const isAll = chosen > 0 && chosen === documents.length;
  const ids = documents.map(({ id }) => id);
  return (
    <thead className="block rounded-t-lg border-b border-line bg-sunken">
      <tr aria-rowindex={1} className={`${rowGrid} h-10 text-start text-sm text-faint`}>
        <th scope="col">
          <span className="sr-only">{t("selection")}</span>
          {deeds && (
            <Checkbox
              aria-label={t("select_all")}
              isSelected={isAll}
              isIndeterminate={chosen > 0 && !isAll}
              onChange={(isSelected) => selection.select(ids, isSelected)}
            >
              {null}
            </Checkbox>
          )}
        </th>
        <Column name={t("name")} />
        <Column name={t("status")} className="sr-only md:not-sr-only" />
        <Column name={t("size")} className="hidden md:block md:text-end" />
        <Column name={t("changed")} className="hidden md:block" />
        <th scope="col" className={deeds && "w-9"}>
          <span className="sr-only">{t("deeds")}</span>
        </th>
      </tr>
    </thead>
  );
}

function Column({ name, className = "" }: { name: string; className?: string }) {
  return (
    <th scope="col" className={`text-start font-medium ${className}`}>
      {name}
    </th>
  );
}

interface RowProps extends DocumentListProps {
  document: Document | undefined;
}

function Row({ document, selection, deeds }: RowProps) {
  if (!document) return <WaitingRow />;
  return (
    <DocumentRow
      document={document}
      isSelected={selection.ids.has(document.id)}
      onSelect={(isSelected) => selection.select([document.id], isSelected)}
      deeds={deeds}
    />
  );
}

function WaitingRow() {
  return (
    <>
      <td>
        <Skeleton className="size-5" />
      </td>
      <td>
        <Skeleton className="h-9 w-64 max-w-full" />
      </td>
    </>
  );
}
