import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { type Conversation, useListConversationsQuery } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { Card, ErrorState, Loading, Skeleton, TextLink } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";

const SHOWN = 5;

function Row({ botId, conversation }: { botId: string; conversation: Conversation }) {
  const { t } = useTranslation("bot");
  const format = useFormat();
  const { id, title, updated_at } = conversation;
  return (
    <li>
      <Link
        to={paths.conversation(botId, id)}
        className="flex min-h-12 flex-col justify-center gap-x-4 px-5 py-3 text-ink sm:flex-row sm:items-center sm:justify-between no-underline hover:bg-hover focus-visible:-outline-offset-2"
      >
        <span dir="auto" className="min-w-0 sm:truncate">
          {title || t("untitled")}
        </span>
        <span className="shrink-0 text-sm text-faint">{format.ago(updated_at)}</span>
      </Link>
    </li>
  );
}

function List({ botId }: { botId: string }) {
  const { t } = useTranslation(["bot", "common"]);
  const textOf = useProblemText();
  const { currentData, error, refetch, isFetching } = useListConversationsQuery({
    botId,
    limit: SHOWN,
  });
  if (error && !currentData) {
    return (
      <ErrorState
        title={t("recent_failed")}
        detail={textOf(error)}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  if (!currentData) {
    return (
      <Loading label={t("common:loading")}>
        <Skeleton className="h-60 w-full rounded-lg" />
      </Loading>
    );
  }
  if (currentData.data.length === 0) {
    return <Card className="p-5 text-soft">{t("recent_none")}</Card>;
  }
  return (
    <Card className="overflow-hidden">
      <ul className="divide-y divide-line">
        {currentData.data.map((conversation) => (
          <Row key={conversation.id} botId={botId} conversation={conversation} />
        ))}
      </ul>
    </Card>
  );
}

/** What was asked last. */
export function Recent({ botId }: { botId: string }) {
  const { t } = useTranslation("bot");
  return (
    <section aria-labelledby="recent">
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <h2 id="recent" className="text-lg font-semibold">
          {t("recent")}
        </h2>
        <TextLink to={paths.conversations(botId)} className="text-sm">
          {t("recent_all")}
        </TextLink>
      </div>
      <List botId={botId} />
    </section>
  );
}
