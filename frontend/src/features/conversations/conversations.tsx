import { MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { paths } from "@/shared/paths";
import { EmptyState, ErrorState, LinkButton, NoResultState, Page } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { ConversationList, ListWaiting } from "./conversation-list";
import { FilterBar } from "./filter-bar";
import { type Filters, useFilters } from "./filters";
import { type Pages, usePages } from "./pages";

interface FoundProps {
  botId: string;
  pages: Pages;
  filters: Filters;
  onClear: () => void;
}

function NoConversations({ botId }: { botId: string }) {
  const { t } = useTranslation("conversations");
  return (
    <EmptyState
      icon={<MessagesSquare aria-hidden className="size-6" />}
      title={t("empty_title")}
      action={<LinkButton to={paths.playground(botId)}>{t("to_playground")}</LinkButton>}
    >
      {t("empty_text")}
    </EmptyState>
  );
}

function Found({ botId, pages, filters, onClear }: FoundProps) {
  const { t } = useTranslation("conversations");
  const textOf = useProblemText();
  const { conversations, error, retry, isFetching } = pages;
  if (error) {
    return (
      <ErrorState
        title={t("load_failed")}
        detail={textOf(error)}
        onRetry={retry}
        isRetrying={isFetching}
      />
    );
  }
  if (!conversations) return <ListWaiting />;
  if (conversations.length > 0) {
    return <ConversationList conversations={conversations} pages={pages} filters={filters} />;
  }
  if (Object.keys(filters).length === 0) return <NoConversations botId={botId} />;
  const title = filters.q ? t("no_result_for", { query: filters.q }) : t("no_result");
  return <NoResultState title={title} onClear={onClear} />;
}

/** Everything that was asked of a bot and answered. */
export function Conversations() {
  const { t } = useTranslation("conversations");
  const { botId = "" } = useParams();
  const { filters, change, clear } = useFilters();
  const pages = usePages(botId, filters);
  const isEmpty = pages.conversations?.length === 0 && Object.keys(filters).length === 0;
  return (
    <Page title={t("title")} lead={t("lead")}>
      {!isEmpty && (
        <FilterBar filters={filters} change={change} conversations={pages.conversations ?? []} />
      )}
      <Found botId={botId} pages={pages} filters={filters} onClear={clear} />
    </Page>
  );
}
