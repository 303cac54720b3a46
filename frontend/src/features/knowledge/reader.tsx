import { type ReactNode, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { type Document, useGetTextQuery } from "@/shared/api/inside";
import { Card, ErrorState, Loading, Notice, Skeleton, TextLink } from "@/shared/ui";
import { Tabs } from "@/shared/ui/tabs";
import { useMediaQuery } from "@/shared/use-media-query";
import { useProblemText } from "@/shared/use-problem-text";
import { ChunkList } from "./chunk-list";
import { type ChunkPlace, useAllChunksQuery } from "./chunks-api";
import { DocumentText } from "./document-text";
import { TextSearch } from "./text-search";
import { useReader } from "./use-reader";

const NONE: readonly ChunkPlace[] = [];

const numberIn = (params: URLSearchParams, name: string): number | null => {
  const value = params.get(name);
  return value !== null && /^\d{1,9}$/.test(value) ? Number(value) : null;
};

/** What the address asks for: a passage, maybe of an older revision. */
function useAsked(document: Document) {
  const [params] = useSearchParams();
  const start = numberIn(params, "start");
  const end = numberIn(params, "end");
  const passage = useMemo(
    () => (start !== null && end !== null && end > start ? { start, end } : null),
    [start, end],
  );
  return { passage, revision: numberIn(params, "revision") || document.revision };
}

/** A document's text, with the chunks that it was cut into. */
export function Reader({ document }: { document: Document }) {
  const { t } = useTranslation("knowledge");
  const textOf = useProblemText();
  const { passage, revision } = useAsked(document);
  const documentId = document.id;
  const isLive = revision === document.revision;
  const text = useGetTextQuery({ documentId, revision });
  const chunks = useAllChunksQuery({ documentId, revision }, { skip: !isLive });
  if (text.error && text.currentData === undefined) {
    return (
      <ErrorState
        title={t("text_failed")}
        detail={textOf(text.error)}
        isRetrying={text.isFetching}
        onRetry={() => void text.refetch()}
      />
    );
  }
  if (text.currentData === undefined) return <ReaderWaiting />;
  return (
    <>
      {!isLive && (
        <div className="mb-4">
          <Notice>
            {t("old_revision", { revision })}{" "}
            <TextLink to="?" className="text-current">
              {t("to_current")}
            </TextLink>
          </Notice>
        </div>
      )}
      <Open
        key={`${documentId}/${revision}`}
        text={text.currentData}
        chunks={chunks.currentData ?? NONE}
        chunkState={isLive && !chunks.currentData ? (chunks.error ? "failed" : "waiting") : "there"}
        passage={passage}
      />
    </>
  );
}

interface OpenProps {
  text: string;
  chunks: readonly ChunkPlace[];
  /** Of a long document they come after the text; of an older revision there are none. */
  chunkState: "waiting" | "failed" | "there";
  passage: { start: number; end: number } | null;
}

type OpenReader = ReturnType<typeof useReader>;

/** Side by side where there is room, else one behind the other. */
function Open({ text, chunks, chunkState, passage }: OpenProps) {
  const { t } = useTranslation("knowledge");
  const reader = useReader({ text, chunks, passage });
  const [part, setPart] = useState<"text" | "chunks">("text");
  const isWide = useMediaQuery("(min-width: 64rem)");
  const isThere = chunkState === "there";
  const name = isThere ? t("chunks_count", { count: chunks.length }) : t("chunks");
  const select = (index: number) => {
    reader.select(index);
    setPart("text");
  };
  const shownText = <TextPart reader={reader} isOutside={passage !== null && !reader.cited} />;
  const list = isThere ? (
    <ChunkList
      chunks={chunks}
      wordsOf={reader.wordsOf}
      selected={reader.selected}
      onSelect={select}
    />
  ) : (
    <NoChunks isFailed={chunkState === "failed"} />
  );
  if (isWide) return <SideBySide text={shownText} name={name} list={list} />;
  const shownList = <Card className="overflow-hidden">{list}</Card>;
  return (
    <Tabs
      label={t("parts")}
      selected={part}
      onSelect={setPart}
      tabs={[
        { id: "text", name: t("text"), content: shownText },
        { id: "chunks", name, content: shownList },
      ]}
    />
  );
}

function TextPart({ reader, isOutside }: { reader: OpenReader; isOutside: boolean }) {
  const { t } = useTranslation("knowledge");
  return (
    <Card className="min-w-0">
      <div className="border-b border-line p-3">
        <TextSearch {...reader.search} />
      </div>
      {isOutside && <Notice tone="warning">{t("passage_gone")}</Notice>}
      <DocumentText {...reader.text} onChunk={reader.select} />
    </Card>
  );
}

interface SideBySideProps {
  text: ReactNode;
  name: string;
  list: ReactNode;
}

function SideBySide({ text, name, list }: SideBySideProps) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)_21rem] gap-5">
      {text}
      <Card className="min-w-0 overflow-hidden">
        <h2 className="flex h-16 items-center border-b border-line px-4 text-base font-semibold">
          {name}
        </h2>
        {list}
      </Card>
    </div>
  );
}

function NoChunks({ isFailed }: { isFailed: boolean }) {
  const { t } = useTranslation(["knowledge", "common"]);
  return (
    <div className="h-[70dvh] min-h-80 p-4">
      {isFailed ? (
        <p role="alert">{t("chunks_failed")}</p>
      ) : (
        <Loading label={t("common:loading")}>
          <div className="flex flex-col gap-6">
            {[1, 2, 3, 4].map((n) => (
              <Skeleton key={n} className="h-20 w-full" />
            ))}
          </div>
        </Loading>
      )}
    </div>
  );
}

function ReaderWaiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <div className="grid gap-5 lg:grid-cols-[minmax(0,1fr)_21rem]">
        <Skeleton className="h-[calc(70dvh+4rem)] w-full rounded-lg" />
        <Skeleton className="hidden h-[calc(70dvh+4rem)] w-full rounded-lg lg:block" />
      </div>
    </Loading>
  );
}
