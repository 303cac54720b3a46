import { FileX } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { problemOf } from "@/shared/api";
import { type Document, useGetDocumentQuery } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import {
  Button,
  Card,
  EmptyState,
  ErrorState,
  LinkButton,
  Loading,
  Page,
  Skeleton,
} from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { DocumentActions } from "./document-actions";
import { StageProgress } from "./document-status";
import { Facts } from "./facts";
import { isBusy } from "./merge";
import { Reader } from "./reader";
import { Reasons } from "./reasons";
import { useDeeds } from "./use-deeds";

const EVERY_MS = 2000;

/** A document, asked for again and again while there is work on it. */
function useDocument(documentId: string) {
  const busy = useGetDocumentQuery(
    { documentId },
    {
      selectFromResult: ({ currentData }) => ({ is: Boolean(currentData && isBusy(currentData)) }),
    },
  ).is;
  return useGetDocumentQuery(
    { documentId },
    { pollingInterval: busy ? EVERY_MS : 0, skipPollingIfUnfocused: true },
  );
}

/** One document: what it is, how it stands, and what the bot reads in it. */
export function DocumentDetail() {
  const { t } = useTranslation("knowledge");
  const textOf = useProblemText();
  const { botId = "", documentId = "" } = useParams();
  const { currentData: document, error, isFetching, refetch } = useDocument(documentId);
  if (problemOf(error)?.status === 404) return <NoSuchDocument botId={botId} />;
  if (error && !document) {
    return (
      <Page title={t("document")}>
        <ErrorState
          title={t("document_failed")}
          detail={textOf(error)}
          isRetrying={isFetching}
          onRetry={() => void refetch()}
        />
      </Page>
    );
  }
  if (!document) return <Waiting />;
  return (
    <Page title={document.title} actions={<DocumentActions document={document} />}>
      <Facts document={document} />
      <State document={document} />
      {document.revision > 0 && <Reader document={document} />}
    </Page>
  );
}

/** What is under way, or went wrong; nothing where it is ready. */
function State({ document }: { document: Document }) {
  const { t } = useTranslation("knowledge");
  const canEdit = useSession().may("editor");
  const { retry } = useDeeds();
  if (document.status === "ready") return null;
  return (
    <Card className="mb-6 p-5">
      {isBusy(document) ? (
        <>
          <StageProgress progress={document.progress} />
          <p className="mt-3 text-sm text-soft">
            {t(document.revision > 0 ? "busy_again" : "busy_first")}
          </p>
        </>
      ) : (
        <div role="status">
          <h2 className="mb-2 font-semibold text-danger">{t("failed_title")}</h2>
          <Reasons documentId={document.id} />
          {canEdit && (
            <Button size="sm" className="mt-4" onPress={() => void retry([document])}>
              {t("retry")}
            </Button>
          )}
        </div>
      )}
    </Card>
  );
}

function NoSuchDocument({ botId }: { botId: string }) {
  const { t } = useTranslation("knowledge");
  return (
    <Page title={t("document")}>
      <EmptyState
        icon={<FileX aria-hidden className="size-6" />}
        title={t("document_gone")}
        action={<LinkButton to={paths.knowledge(botId)}>{t("to_documents")}</LinkButton>}
      >
        {t("document_gone_text")}
      </EmptyState>
    </Page>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8 sm:py-8">
      <h1 className="sr-only">{t("loading")}</h1>
      <Loading label={t("loading")}>
        <Skeleton className="mb-7 h-9 w-80 max-w-full" />
        <Skeleton className="mb-6 h-10 w-full" />
        <Skeleton className="h-[70dvh] w-full rounded-lg" />
      </Loading>
    </div>
  );
}
