import { memo, type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Citation, Message } from "@/shared/api/inside";
import { CitedContext } from "./citation-chip";
import { Markdown } from "./markdown";
import { MessageStatus, ModelLine, Searching } from "./message-status";
import { SourceList } from "./source-list";

interface MessageViewProps {
  message: Message;
  onOpenCitation?: (citation: Citation) => void;
  /** Buttons under it: copy, feedback, again. */
  actions?: ReactNode;
}

/** A question, or an answer with what it stands on. */
export const MessageView = memo(function MessageView(props: MessageViewProps) {
  return props.message.role === "user" ? <Question {...props} /> : <Answer {...props} />;
});

function Question({ message, actions }: MessageViewProps) {
  const { t } = useTranslation("chat");
  return (
    <article aria-label={t("question")} className="flex flex-col items-end gap-1">
      <div
        dir="auto"
        className="max-w-[min(100%,36rem)] rounded-lg bg-accent-soft px-4 py-2.5 whitespace-pre-wrap text-accent-soft-ink"
      >
        {message.content}
      </div>
      {actions}
    </article>
  );
}

function Answer({ message, onOpenCitation, actions }: MessageViewProps) {
  const { t } = useTranslation("chat");
  const { citations, content, status } = message;
  const cited = useMemo(() => ({ citations, onOpen: onOpenCitation }), [citations, onOpenCitation]);
  const isWaited = content === "" && (status === "pending" || status === "streaming");
  return (
    <article
      aria-label={t("answer")}
      aria-busy={status === "pending" || status === "streaming"}
      className="flex min-w-0 flex-col"
    >
      <CitedContext value={cited}>
        {isWaited ? <Searching /> : <Markdown text={content} />}
      </CitedContext>
      <SourceList citations={citations} onOpen={onOpenCitation} />
      <MessageStatus message={message} />
      {!isWaited && (
        <footer className="mt-2 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <ModelLine message={message} />
          {actions}
        </footer>
      )}
    </article>
  );
}
