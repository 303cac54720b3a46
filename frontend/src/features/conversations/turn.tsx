import { Activity, ChevronLeft, ChevronRight, ThumbsDown, ThumbsUp } from "lucide-react";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Citation, Feedback, Message } from "@/shared/api/inside";
import type { Turn as TurnOf } from "@/shared/chat/branches";
import { MessageView } from "@/shared/chat/message-view";
import { isReason } from "@/shared/chat/reasons";
import { Trace } from "@/shared/chat/trace";
import { useFormat } from "@/shared/i18n/use-format";
import type { Passage } from "@/shared/passage/passage";
import { Button, classes } from "@/shared/ui";

export interface TurnProps {
  turn: TurnOf;
  botId: string;
  /** The one that was looked for. */
  isSought: boolean;
  onOpenCitation: (message: Message, citation: Citation) => void;
  onOpenPassage: (passage: Passage) => void;
  onChoose: (message: Message) => void;
}

/** What I said of an answer; the sums of all stand at the conversation's head. */
function MyFeedback({ feedback }: { feedback: Feedback }) {
  const { t } = useTranslation(["conversations", "chat"]);
  const isUp = feedback.rating === "up";
  const Icon = isUp ? ThumbsUp : ThumbsDown;
  const { reason, comment } = feedback;
  const why = reason && isReason(reason) ? t(`chat:reason_${reason}`) : reason;
  const said = [why, comment].filter(Boolean).join(": ");
  return (
    <span className={classes("inline-flex items-center gap-1", !isUp && "text-danger")}>
      <Icon aria-hidden className="size-3.5" />
      {t(`my_rating_${feedback.rating}`)}
      {said && <span className="text-soft">“{said}”</span>}
    </span>
  );
}

function Siblings({ turn, onChoose }: Pick<TurnProps, "turn" | "onChoose">) {
  const { t } = useTranslation("conversations");
  const { siblings, message } = turn;
  if (siblings.length < 2) return null;
  const at = siblings.findIndex(({ id }) => id === message.id);
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  return (
    <span className="inline-flex items-center gap-1 tabular-nums">
      <Button
        variant="quiet"
        size="icon"
        className="size-8"
        aria-label={t("variant_before")}
        isDisabled={!before}
        onPress={() => before && onChoose(before)}
      >
        <ChevronLeft aria-hidden className="size-4 rtl:rotate-180" />
      </Button>
      {t("variant", { at: at + 1, of: siblings.length })}
      <Button
        variant="quiet"
        size="icon"
        className="size-8"
        aria-label={t("variant_after")}
        isDisabled={!after}
        onPress={() => after && onChoose(after)}
      >
        <ChevronRight aria-hidden className="size-4 rtl:rotate-180" />
      </Button>
    </span>
  );
}

/** A message as it is read: when, what was said of it, how it came about. */
export function Turn({ turn, botId, isSought, ...deeds }: TurnProps) {
  const { t } = useTranslation("conversations");
  const format = useFormat();
  const traceId = useId();
  const [isTraced, setTraced] = useState(false);
  const { message } = turn;
  const { onOpenCitation, onOpenPassage, onChoose } = deeds;
  const actions = (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-1 text-xs text-faint">
      <time dateTime={message.created_at}>{format.moment(message.created_at)}</time>
      {message.feedback && <MyFeedback feedback={message.feedback} />}
      <Siblings turn={turn} onChoose={onChoose} />
      {message.role === "assistant" && (
        <Button
          variant="quiet"
          size="sm"
          className="-ms-2 px-2"
          aria-expanded={isTraced}
          aria-controls={isTraced ? traceId : undefined}
          onPress={() => setTraced(!isTraced)}
        >
          <Activity aria-hidden className="size-4" />
          {t("trace")}
        </Button>
      )}
    </div>
  );
  return (
    <div className={classes(isSought && "-mx-3 rounded-lg px-3 py-2 ring-2 ring-accent")}>
      {isSought && <span className="sr-only">{t("sought")}</span>}
      <MessageView
        message={message}
        onOpenCitation={(citation) => onOpenCitation(message, citation)}
        actions={actions}
      />
      {isTraced && (
        <div id={traceId} className="mt-3 rounded-md border border-line bg-surface p-5">
          <Trace botId={botId} message={message} onOpenPassage={onOpenPassage} />
        </div>
      )}
    </div>
  );
}
