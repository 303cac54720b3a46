import { ScrollText } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type ListOfAuditEvent, useListAuditEventsQuery } from "@/shared/api/inside";
import { EmptyState, ErrorState, LinkButton, Loading, NoResultState, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { Chain } from "./chain";
import { Entries } from "./entries";
import { FilterBar } from "./filter-bar";
import { argOf, useFilters } from "./filters";

/** Who did what to what in the workspace, newest first. */
export function Audit() {
  const { t } = useTranslation("audit");
  return (
    <section aria-labelledby="audit" className="flex flex-col gap-6">
      <div>
        <h2 id="audit" className="text-lg font-semibold">
          {t("title")}
        </h2>
        <p className="text-sm text-soft">{t("lead")}</p>
      </div>
      <Chain />
      <FilterBar />
      <Found />
    </section>
  );
}

function Found() {
  const { t } = useTranslation(["audit", "common"]);
  const textOf = useProblemText();
  const { filters } = useFilters();
  const { currentData, error, refetch, isFetching } = useListAuditEventsQuery(argOf(filters));
  if (currentData) return <Listed page={currentData} />;
  if (error && !isFetching) {
    return (
      <ErrorState
        title={t("load_failed")}
        detail={textOf(error)}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  return (
    <Loading label={t("common:loading")}>
      <Skeleton className="h-160 w-full rounded-lg" />
    </Loading>
  );
}

function Listed({ page }: { page: ListOfAuditEvent }) {
  const { t } = useTranslation("audit");
  const { isFiltered, clear } = useFilters();
  if (page.data.length > 0) {
    return (
      <>
        <Entries entries={page.data} />
        <Pages next={page.next_cursor} />
      </>
    );
  }
  if (isFiltered) return <NoResultState title={t("no_result")} onClear={clear} />;
  return (
    <EmptyState icon={<ScrollText aria-hidden className="size-6" />} title={t("empty_title")}>
      {t("empty_text")}
    </EmptyState>
  );
}

/** The pages have addresses: the browser's way back is the way to newer ones. */
function Pages({ next }: { next: string | null }) {
  const { t } = useTranslation("audit");
  const { filters, withCursor } = useFilters();
  if (!next && !filters.cursor) return null;
  return (
    <nav aria-label={t("pages")} className="flex flex-wrap justify-between gap-3">
      {filters.cursor ? (
        <LinkButton variant="secondary" to={withCursor("")}>
          {t("newest")}
        </LinkButton>
      ) : (
        <span />
      )}
      {next && (
        <LinkButton variant="secondary" to={withCursor(next)}>
          {t("older")}
        </LinkButton>
      )}
    </nav>
  );
}
