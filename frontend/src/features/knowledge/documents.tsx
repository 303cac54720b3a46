import { BookText } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Document } from "@/shared/api/inside";
import { Button, EmptyState, ErrorState, Loading, NoResultState, Skeleton } from "@/shared/ui";
import { SearchField } from "@/shared/ui/search-field";
import { Select } from "@/shared/ui/select";
import { useProblemText } from "@/shared/use-problem-text";
import { ChooseFiles } from "./add-buttons";
import { BulkBar } from "./bulk-bar";
import { DocumentList, type Selection } from "./document-list";
import type { RowDeeds } from "./document-row";
import { LabelDialog } from "./label-dialog";
import { useAnnouncements } from "./use-announcements";
import { useDeeds } from "./use-deeds";
import { useDocuments } from "./use-documents";
import { useSettled } from "./use-settled";

const STATES = ["ready", "processing", "pending", "failed"] as const;
type Filter = (typeof STATES)[number] | "all";

/** What is looked for stands in the address. */
function useFilter() {
  const [params, setParams] = useSearchParams();
  const q = params.get("q") ?? "";
  const status = STATES.find((state) => state === params.get("status"));
  const change = (name: "q" | "status", value: string) =>
    setParams(
      (before) => {
        if (value) before.set(name, value);
        else before.delete(name);
        return before;
      },
      { replace: true },
    );
  const clear = () => setParams({}, { replace: true });
  return { q, status, change, clear, isOn: Boolean(q || status) };
}

function Filters({ filter }: { filter: ReturnType<typeof useFilter> }) {
  const { t } = useTranslation(["knowledge", "common"]);
  const choices = [
    { id: "all" as Filter, name: t("status_all") },
    ...STATES.map((id) => ({ id: id as Filter, name: t(`status_${id}`) })),
  ];
  return (
    <div className="mb-4 flex flex-wrap gap-3">
      <SearchField
        className="w-full sm:w-72"
        label={t("search")}
        clearLabel={t("common:clear_search")}
        value={filter.q}
        onChange={(q) => filter.change("q", q)}
      />
      <Select<Filter>
        isLabelHidden
        className="w-full sm:w-44"
        label={t("status")}
        choices={choices}
        value={filter.status ?? "all"}
        onChange={(id) => filter.change("status", id === "all" ? "" : id)}
      />
    </div>
  );
}

interface DocumentsProps {
  botId: string;
  /** More may come that was not added here: a site is being read. */
  isExpecting: boolean;
  /** Absent for those who may only look. */
  onFiles?: (files: File[]) => void;
}

export function Documents({ botId, isExpecting, onFiles }: DocumentsProps) {
  const { t } = useTranslation("knowledge");
  const textOf = useProblemText();
  const filter = useFilter();
  const q = useSettled(filter.q) || undefined;
  const list = useDocuments({ botId, status: filter.status, q }, isExpecting);
  const { documents, error } = list;
  const isEmpty = documents?.length === 0 && !list.hasMore;
  if (error && !documents) {
    return (
      <ErrorState
        title={t("load_failed")}
        detail={textOf(error)}
        isRetrying={list.isFetching}
        onRetry={() => void list.refetch()}
      />
    );
  }
  if (isEmpty && !filter.isOn) return <Nothing onFiles={onFiles} />;
  return (
    <>
      <Filters filter={filter} />
      {!documents && <Waiting />}
      {isEmpty && <NoResultState title={t("no_result")} onClear={filter.clear} />}
      {documents && !isEmpty && (
        <Found documents={documents} list={list} canEdit={Boolean(onFiles)} />
      )}
    </>
  );
}

interface FoundProps {
  documents: readonly Document[];
  list: ReturnType<typeof useDocuments>;
  canEdit: boolean;
}

function useSelection() {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const select: Selection["select"] = (some, isSelected) => {
    const next = new Set(ids);
    for (const id of some) {
      if (isSelected) next.add(id);
      else next.delete(id);
    }
    setIds(next);
  };
  return { ids, select, clear: () => setIds(new Set()) };
}

function Found({ documents, list, canEdit }: FoundProps) {
  const selection = useSelection();
  const said = useAnnouncements(documents);
  const deeds = useDeeds();
  const [labelled, label] = useState<readonly Document[]>([]);
  const rowDeeds: RowDeeds | undefined = canEdit ? { ...deeds, label } : undefined;
  const chosen = documents.filter(({ id }) => selection.ids.has(id));
  return (
    <>
      <p role="status" className="sr-only">
        {said}
      </p>
      <DocumentList
        documents={documents}
        hasMore={list.hasMore}
        onMore={list.onMore}
        selection={selection}
        deeds={rowDeeds}
      />
      {rowDeeds && <BulkBar documents={chosen} deeds={rowDeeds} onClear={selection.clear} />}
      {labelled.length > 0 && (
        <LabelDialog documents={labelled} change={deeds.change} onClose={() => label([])} />
      )}
    </>
  );
}

/** Nothing yet: files are the way, and there is one to try it with. */
function Nothing({ onFiles }: Pick<DocumentsProps, "onFiles">) {
  const { t } = useTranslation("knowledge");
  const takeSample = async () => {
    const { default: text } = await import("./sample.md?raw");
    onFiles?.([new File([text], "warranty-and-returns.md", { type: "text/markdown" })]);
  };
  return (
    <EmptyState
      icon={<BookText aria-hidden className="size-6" />}
      title={t("empty_title")}
      action={
        onFiles && (
          <>
            <ChooseFiles onFiles={onFiles} />
            <Button variant="secondary" onPress={() => void takeSample()}>
              {t("take_sample")}
            </Button>
          </>
        )
      }
    >
      {t(onFiles ? "empty_text" : "empty_text_viewer")}
    </EmptyState>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <Skeleton className="h-93 w-full rounded-lg" />
    </Loading>
  );
}
