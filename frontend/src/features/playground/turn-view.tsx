import { Activity, ChevronLeft, ChevronRight, PencilLine, RotateCcw } from "lucide-react";
import { memo, type ReactNode, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import type { Citation, Message } from "@/shared/api/inside";
import type { Turn } from "@/shared/chat/branches";
import { CopyButton } from "@/shared/chat/copy-button";
import { MessageView } from "@/shared/chat/message-view";
import { Button } from "@/shared/ui";
import { Feedback } from "./feedback";
import type { LiveAnswer } from "./live-answer";

/** What can be done with a message; the same functions from one drawing to the next. */
export interface Deeds {
  openCitation: (citation: Citation) => void;
  openTrace: (message: Message) => void;
  regenerate: (message: Message) => void;
  edit: (message: Message) => void;
  choose: (message: Message) => void;
}

interface TurnViewProps {
  turn: Turn;
  deeds: Deeds;
  /** Of this message, while it is made. */
  live: LiveAnswer | null;
  isBusy: boolean;
}

/** Drawn anew only where something of it changed: the list around it changes with every word. */
export const TurnView = memo(function TurnView({ turn, deeds, live, isBusy }: TurnViewProps) {
  const { message } = turn;
  if (live) return <Live live={live} deeds={deeds} />;
  const { openCitation } = deeds;
  // Only wished for yet: there is nothing that the server knows of it.
  if (!message.conversation_id) return <MessageView message={message} />;
  const Actions = message.role === "user" ? QuestionActions : AnswerActions;
  return (
    <MessageView
      message={message}
      onOpenCitation={openCitation}
      actions={<Actions turn={turn} deeds={deeds} isBusy={isBusy} />}
    />
  );
});

function Live({ live, deeds }: { live: LiveAnswer; deeds: Deeds }) {
  const message = useSyncExternalStore(live.subscribe, live.snapshot);
  return <MessageView message={message} onOpenCitation={deeds.openCitation} />;
}

type ActionsProps = Omit<TurnViewProps, "live">;

function QuestionActions({ turn, deeds, isBusy }: ActionsProps) {
  const { t } = useTranslation("playground");
  const { message } = turn;
  return (
    <div className="flex items-center">
      <Siblings turn={turn} onChoose={deeds.choose} />
      <CopyButton text={message.content} label={t("copy_question")} />
      <IconButton label={t("edit")} isDisabled={isBusy} onPress={() => deeds.edit(message)}>
        <PencilLine aria-hidden className="size-4" />
      </IconButton>
    </div>
  );
}

function AnswerActions({ turn, deeds, isBusy }: ActionsProps) {
  const { t } = useTranslation("playground");
  const { message } = turn;
  return (
    <div className="-ms-1.5 flex flex-wrap items-center">
      <Siblings turn={turn} onChoose={deeds.choose} />
      {message.content && <CopyButton text={message.content} label={t("copy_answer")} />}
      <Feedback message={message} />
      <IconButton
        label={t("regenerate")}
        isDisabled={isBusy}
        onPress={() => deeds.regenerate(message)}
      >
        <RotateCcw aria-hidden className="size-4" />
      </IconButton>
      <IconButton label={t("open_trace")} onPress={() => deeds.openTrace(message)}>
        <Activity aria-hidden className="size-4" />
      </IconButton>
    </div>
  );
}

interface IconButtonProps {
  label: string;
  isDisabled?: boolean;
  onPress: () => void;
  children: ReactNode;
}

function IconButton({ label, children, ...props }: IconButtonProps) {
  return (
    <Button {...props} variant="quiet" size="icon" className="size-8" aria-label={label}>
      {children}
    </Button>
  );
}

/** Asked or answered more than once: which of them this is, and the way to the others. */
function Siblings({ turn, onChoose }: { turn: Turn; onChoose: Deeds["choose"] }) {
  const { t } = useTranslation("playground");
  const { siblings, message } = turn;
  if (siblings.length < 2) return null;
  const at = siblings.findIndex(({ id }) => id === message.id);
  const go = (index: number) => {
    const other = siblings[index];
    if (other) onChoose(other);
  };
  return (
    <span className="flex items-center text-xs text-faint tabular-nums">
      <IconButton label={t("variant_before")} isDisabled={at === 0} onPress={() => go(at - 1)}>
        <ChevronLeft aria-hidden className="size-4 rtl:rotate-180" />
      </IconButton>
      {t("variant", { at: at + 1, of: siblings.length })}
      <IconButton
        label={t("variant_after")}
        isDisabled={at === siblings.length - 1}
        onPress={() => go(at + 1)}
      >
        <ChevronRight aria-hidden className="size-4 rtl:rotate-180" />
      </IconButton>
    </span>
  );
}
