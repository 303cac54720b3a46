import { X } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useGetBotQuery, useGetDocumentQuery, useListDocumentsQuery } from "@/shared/api/inside";
import { PassagePanel } from "@/shared/passage";
import { Button, Page } from "@/shared/ui";
import { useAddress } from "./address";
import { MODES } from "./modes";
import { QuestionForm } from "./question-form";
import { useQuestions } from "./questions";
import { Results } from "./results";
import { useSearches } from "./search-api";
import { NoDocuments, Start } from "./start";

type Address = ReturnType<typeof useAddress>;
type Searches = ReturnType<typeof useSearches>;

interface Configured {
  retriever_k?: number;
  retrieval_mode?: string;
}

/** That only one document is searched in, and the way back to all. */
function Narrowed({ documentId, change }: { documentId: string; change: Address["change"] }) {
  const { t } = useTranslation("retrieval");
  const { data } = useGetDocumentQuery({ documentId });
  return (
    <p className="mt-3 flex items-center gap-1 text-sm text-soft">
      <span className="truncate">{t("narrowed", { title: data?.title ?? "…" })}</span>
      <Button
        variant="quiet"
        size="icon"
        aria-label={t("try_all")}
        onPress={() => change({ document: null })}
      >
        <X aria-hidden className="size-4" />
      </Button>
    </p>
  );
}

/** Asks again where the same question is asked once more: the documents may be others by now. */
function useAsking({ asked, change }: Address, { again }: Searches) {
  const { questions, remember } = useQuestions(asked.botId);
  useEffect(() => {
    if (asked.query) remember(asked.query);
  }, [asked.query, remember]);
  const ask = (q: string) => (q === asked.query ? again() : change({ q, passage: null }));
  return { questions, ask };
}

/** The passage of the address, as far as one of the searches found it. */
function Opened({ address, searches }: { address: Address; searches: Searches }) {
  const found = MODES.flatMap((mode) => searches[mode].currentData?.data ?? []);
  const hit = found.find(({ chunk_id }) => chunk_id === address.passage);
  if (!hit) return null;
  const { document_id, revision, start, end, title, page, heading_path } = hit;
  return (
    <div className="lg:sticky lg:top-14 lg:h-[calc(100dvh-3.5rem)] lg:w-104 lg:shrink-0 lg:border-s lg:border-line">
      <PassagePanel
        passage={{
          documentId: document_id,
          revision,
          start,
          end,
          title,
          page,
          headingPath: heading_path,
        }}
        onClose={() => address.change({ passage: null })}
      />
    </div>
  );
}

function Lab({ address, searches }: { address: Address; searches: Searches }) {
  const { asked, change } = address;
  const { questions, ask } = useAsking(address, searches);
  const { data: bot } = useGetBotQuery({ botId: asked.botId });
  const { retriever_k, retrieval_mode }: Configured = bot?.configuration ?? {};
  return (
    <>
      <QuestionForm
        query={asked.query}
        k={asked.k}
        usual={retriever_k}
        questions={questions}
        isPending={MODES.some((mode) => searches[mode].isFetching)}
        onAsk={ask}
        onPassages={(k) => change({ k: k === null ? null : String(k) })}
      />
      {asked.documentId && <Narrowed documentId={asked.documentId} change={change} />}
      <div className="mt-6">
        {asked.query ? (
          <Results searches={searches} address={address} usual={retrieval_mode} />
        ) : (
          <Start />
        )}
      </div>
    </>
  );
}

/** What the bot finds for a question before it writes a word: each way of searching beside the others. */
export function RetrievalLab() {
  const { t } = useTranslation("retrieval");
  const address = useAddress();
  const searches = useSearches(address.asked);
  const { botId } = address.asked;
  const ready = useListDocumentsQuery({ botId, status: "ready", limit: 1 });
  const isEmpty = ready.data?.data.length === 0;
  return (
    <div className="flex items-stretch">
      <div className="min-w-0 grow">
        <Page isWide={address.asked.query !== ""} title={t("title")} lead={t("lead")}>
          {isEmpty ? <NoDocuments botId={botId} /> : <Lab address={address} searches={searches} />}
        </Page>
      </div>
      {address.passage && <Opened address={address} searches={searches} />}
    </div>
  );
}
