import { FileX, X } from "lucide-react";
import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { problemOf } from "@/shared/api";
import { type Document, useGetDocumentQuery, useGetTextQuery } from "@/shared/api/inside";
import { Button, ErrorState, Loading, Skeleton, TextLink } from "@/shared/ui";
import { Overlay } from "@/shared/ui/overlay";
import { useMediaQuery } from "@/shared/use-media-query";
import { useProblemText } from "@/shared/use-problem-text";
import { type Passage, passagePath } from "./passage";
import { PassageText } from "./passage-text";

export type { Passage } from "./passage";

export interface PassagePanelProps {
  passage: Passage;
  onClose: () => void;
}

/**
 * A passage where it stands in its document. From 64 rem on it fills the column it is put in; below
 * that it is a sheet over everything, wherever it is put. Esc closes it, and the focus goes back.
 */
export function PassagePanel(props: PassagePanelProps) {
  const isBeside = useMediaQuery("(min-width: 64rem)");
  return isBeside ? <PassageBeside {...props} /> : <PassageSheet {...props} />;
}

/** The focus goes into the panel with every passage, and back to what opened it. */
function useFocus(passage: Passage) {
  const panel = useRef<HTMLElement>(null);
  const opener = useRef<HTMLElement | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another passage was opened by another link
  useEffect(() => {
    const focused = document.activeElement;
    if (!(focused instanceof HTMLElement) || panel.current?.contains(focused)) return;
    opener.current = focused;
    panel.current?.focus({ preventScroll: true });
  }, [passage.documentId, passage.start, passage.end]);
  useEffect(() => {
    const element = panel.current;
    return () => {
      const focused = document.activeElement;
      if (focused === document.body || element?.contains(focused)) opener.current?.focus();
    };
  }, []);
  return panel;
}

function PassageBeside({ passage, onClose }: PassagePanelProps) {
  const titleId = useId();
  const panel = useFocus(passage);
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-labelledby={titleId}
      onKeyDown={(event) => event.key === "Escape" && onClose()}
      className="flex h-full max-h-[calc(100dvh-3.5rem)] min-h-0 flex-col bg-surface -outline-offset-2"
    >
      <Inside passage={passage} titleId={titleId} onClose={onClose} />
    </aside>
  );
}

export function PassageSheet({ passage, onClose }: PassagePanelProps) {
  const titleId = useId();
  return (
    <Overlay
      aria-labelledby={titleId}
      onClose={onClose}
      veil="justify-end"
      className="h-dvh w-full bg-surface shadow-2 data-entering:animate-enter sm:max-w-xl"
      inside="flex h-full flex-col"
    >
      <Inside passage={passage} titleId={titleId} onClose={onClose} />
    </Overlay>
  );
}

interface InsideProps extends PassagePanelProps {
  titleId: string;
}

function Inside({ passage, titleId, onClose }: InsideProps) {
  const { t } = useTranslation();
  const { data: document, error } = useGetDocumentQuery({ documentId: passage.documentId });
  return (
    <>
      <header className="flex items-start gap-3 border-b border-line px-5 py-4">
        <div className="min-w-0 grow">
          <h2 id={titleId} dir="auto" className="line-clamp-2 font-semibold">
            {passage.title ?? document?.title ?? t("loading")}
          </h2>
          <Where passage={passage} document={document} />
        </div>
        <Button
          variant="quiet"
          size="icon"
          className="-me-2 -mt-1 shrink-0"
          aria-label={t("close")}
          onPress={onClose}
        >
          <X aria-hidden className="size-4" />
        </Button>
      </header>
      {problemOf(error)?.status === 404 ? <Gone /> : <Text passage={passage} />}
    </>
  );
}

/** Page and section as far as they are known, the revision where it is an old one, the way there. */
function Where({ passage, document }: { passage: Passage; document: Document | undefined }) {
  const { t } = useTranslation("passage");
  const { page, headingPath, revision } = passage;
  const facts = [
    page && t("page", { page }),
    ...(headingPath ?? []).slice(-2),
    document && revision && revision < document.revision && t("old_revision", { revision }),
  ].filter(Boolean);
  return (
    <div className="mt-0.5 min-h-10 text-sm text-faint">
      <p dir="auto" className="line-clamp-2">
        {facts.join(" · ")}
      </p>
      {document && <TextLink to={passagePath(document.bot_id, passage)}>{t("open")}</TextLink>}
    </div>
  );
}

function Text({ passage }: { passage: Passage }) {
  const { t } = useTranslation("passage");
  const textOf = useProblemText();
  const { documentId, revision } = passage;
  const { currentData, error, refetch, isFetching } = useGetTextQuery({ documentId, revision });
  if (currentData !== undefined) return <PassageText text={currentData} passage={passage} />;
  if (problemOf(error)?.status === 404) return <Gone isTextOnly />;
  if (!error) return <Waiting />;
  return (
    <div className="p-5">
      <ErrorState
        title={t("load_failed")}
        detail={textOf(error)}
        isRetrying={isFetching}
        onRetry={() => void refetch()}
      />
    </div>
  );
}

/** The document, or that text of it, is not there any more. */
function Gone({ isTextOnly }: { isTextOnly?: boolean }) {
  const { t } = useTranslation("passage");
  return (
    <div role="status" className="flex flex-col items-center gap-3 px-6 py-12 text-center">
      <FileX aria-hidden className="size-8 text-faint" />
      <p className="text-lg font-semibold">{t(isTextOnly ? "text_gone" : "gone")}</p>
      <p className="max-w-sm text-soft">{t(isTextOnly ? "text_gone_why" : "gone_why")}</p>
    </div>
  );
}

const LINES = ["w-full", "w-11/12", "w-full", "w-4/5", "w-full", "w-2/3", "w-full", "w-10/12"];

function Waiting() {
  const { t } = useTranslation();
  return (
    <div className="px-5 py-4">
      <Loading label={t("loading")}>
        <div className="flex flex-col gap-3">
          {LINES.map((width, index) => (
            <Skeleton key={index} className={`h-3.5 ${width}`} />
          ))}
        </div>
      </Loading>
    </div>
  );
}
