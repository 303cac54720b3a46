import { MessageSquare, ThumbsDown, ThumbsUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { Conversation, FeedbackCounts } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { Marked } from "@/shared/ui/marked";
import type { Find } from "@/shared/words";
import { type Filters, searchOf } from "./filters";
import { useWhoText } from "./who";

/** How many found an answer helpful, and how many not; nothing where nobody said so. */
export function Ratings({ feedback }: { feedback: FeedbackCounts }) {
  const { t } = useTranslation("conversations");
  return (
    <>
      {feedback.up > 0 && (
        <span className="inline-flex items-center gap-1">
          <ThumbsUp aria-hidden className="size-3.5" />
          <span aria-hidden>{feedback.up}</span>
          <span className="sr-only">{t("helpful", { count: feedback.up })}</span>
        </span>
      )}
      {feedback.down > 0 && (
        <span className="inline-flex items-center gap-1 text-danger">
          <ThumbsDown aria-hidden className="size-3.5" />
          <span aria-hidden>{feedback.down}</span>
          <span className="sr-only">{t("not_helpful", { count: feedback.down })}</span>
        </span>
      )}
    </>
  );
}

export function MessageCount({ count }: { count: number }) {
  const { t } = useTranslation("conversations");
  const { number } = useFormat();
  return (
    <span className="inline-flex items-center gap-1">
      <MessageSquare aria-hidden className="size-3.5" />
      <span aria-hidden>{number(count)}</span>
      <span className="sr-only">{t("messages", { count })}</span>
    </span>
  );
}

interface RowProps {
  conversation: Conversation;
  filters: Filters;
  find: Find;
}

/** The whole row leads to the conversation, to the message that matched where one did. */
export function ConversationRow({ conversation, filters, find }: RowProps) {
  const { t } = useTranslation("conversations");
  const format = useFormat();
  const whoText = useWhoText();
  const { id, bot_id, match, started_by, feedback, last_message_at, created_at } = conversation;
  const when = last_message_at ?? created_at;
  const search = searchOf(filters, match ? { message: match.message_id } : {});
  return (
    <div className="relative px-4 py-3.5 transition-colors duration-150 hover:bg-hover/50 sm:px-5">
      <h2 dir="auto" className="truncate font-medium">
        <Link
          to={`${paths.conversation(bot_id, id)}${search}`}
          className="text-ink no-underline after:absolute after:inset-0 after:-outline-offset-2"
        >
          <Marked text={conversation.title || t("untitled")} find={find} />
        </Link>
      </h2>
      {match && match.text !== conversation.title && (
        <p dir="auto" className="mt-0.5 line-clamp-2 text-sm text-soft">
          <Marked text={match.text} find={find} />
        </p>
      )}
      <p className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-faint">
        <span className="max-w-full truncate">{whoText(started_by)}</span>
        <time dateTime={when} title={format.moment(when)}>
          {format.ago(when)}
        </time>
        <MessageCount count={conversation.message_count} />
        <Ratings feedback={feedback} />
      </p>
    </div>
  );
}
