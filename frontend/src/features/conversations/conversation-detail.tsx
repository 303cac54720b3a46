import { MessageSquareX } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { problemOf } from "@/shared/api";
import { type Citation, type Message, useGetConversationQuery } from "@/shared/api/inside";
import { MessagesWaiting } from "@/shared/chat/messages-waiting";
import { PassagePanel } from "@/shared/passage";
import type { Passage } from "@/shared/passage/passage";
import { paths } from "@/shared/paths";
import { EmptyState, ErrorState, LinkButton, Loading, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { DetailHead } from "./detail-head";
import { filtersOf, searchOf } from "./filters";
import { useNeighbours } from "./neighbours";
import { useReading } from "./use-reading";

const fetched = () => import("./turns");
const Turns = lazy(() => fetched().then((m) => ({ default: m.Turns })));

const passageOf = (citation: Citation): Passage => ({
  documentId: citation.document_id,
  revision: citation.revision,
  start: citation.start,
  end: citation.end,
  title: citation.title,
  page: citation.page,
});

function Gone({ back }: { back: string }) {
  const { t } = useTranslation("conversations");
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-12">
      <EmptyState
        icon={<MessageSquareX aria-hidden className="size-6" />}
        title={t("gone")}
        action={<LinkButton to={back}>{t("all")}</LinkButton>}
      >
        {t("gone_why")}
      </EmptyState>
    </div>
  );
}

function HeadWaiting() {
  const { t } = useTranslation();
  return (
    <div className="h-29 border-b border-line px-4 py-4 sm:px-8">
      <h1 className="sr-only">{t("loading")}</h1>
      <Loading label={t("loading")}>
        <Skeleton className="h-4 w-32" />
        <Skeleton className="mt-5 h-6 w-3/5" />
      </Loading>
    </div>
  );
}

interface MessagesProps {
  botId: string;
  conversationId: string;
  messageId: string | null;
  onOpenPassage: (passage: Passage) => void;
}

function Messages({ botId, conversationId, messageId, onOpenPassage }: MessagesProps) {
  const { t } = useTranslation("conversations");
  const textOf = useProblemText();
  const { history, turns, isWaiting, choose } = useReading(conversationId, messageId);
  useEffect(() => void fetched().catch(() => undefined), []); // while the messages are on their way
  const onOpenCitation = useCallback(
    (_: Message, citation: Citation) => onOpenPassage(passageOf(citation)),
    [onOpenPassage],
  );
  if (history.error && !history.messages) {
    return (
      <div className="p-6">
        <ErrorState
          title={t("messages_failed")}
          detail={textOf(history.error)}
          onRetry={history.retry}
          isRetrying={history.isRetrying}
        />
      </div>
    );
  }
  if (isWaiting) return <MessagesWaiting />;
  if (turns.length === 0) return <p className="p-6 text-soft">{t("no_messages")}</p>;
  return (
    <Suspense fallback={<MessagesWaiting />}>
      <Turns
        {...{ turns, history, botId, messageId, onOpenCitation, onOpenPassage }}
        onChoose={choose}
      />
    </Suspense>
  );
}

/** A conversation as it was held. */
export function ConversationDetail() {
  const { t } = useTranslation("conversations");
  const textOf = useProblemText();
  const { botId = "", conversationId = "" } = useParams();
  const [params] = useSearchParams();
  const filters = filtersOf(params);
  const back = paths.conversations(botId) + searchOf(filters);
  const neighbours = useNeighbours(botId, conversationId, filters);
  const { currentData, error, refetch, isFetching } = useGetConversationQuery({ conversationId });
  const [passage, setPassage] = useState<Passage | null>(null);
  const close = useCallback(() => setPassage(null), []);
  if (problemOf(error)?.status === 404) return <Gone back={back} />;
  if (error && !currentData) {
    return (
      <div className="mx-auto w-full max-w-3xl px-4 py-12">
        <ErrorState
          title={t("load_failed")}
          detail={textOf(error)}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
        />
      </div>
    );
  }
  return (
    <div data-fill className="flex min-h-0 grow">
      <div className="flex min-w-0 grow flex-col">
        {currentData ? (
          <DetailHead conversation={currentData} neighbours={neighbours} back={back} />
        ) : (
          <HeadWaiting />
        )}
        <Messages
          key={conversationId}
          {...{ botId, conversationId }}
          messageId={params.get("message")}
          onOpenPassage={setPassage}
        />
      </div>
      {passage && (
        <div className="lg:w-104 lg:shrink-0 lg:border-s lg:border-line">
          <PassagePanel passage={passage} onClose={close} />
        </div>
      )}
    </div>
  );
}
