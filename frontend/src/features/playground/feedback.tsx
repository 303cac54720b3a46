import { ThumbsDown, ThumbsUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import {
  type FeedbackPut,
  type Feedback as Given,
  type Message,
  useGiveFeedbackMutation,
  useWithdrawFeedbackMutation,
} from "@/shared/api/inside";
import { messagesSaid } from "@/shared/chat/messages";
import { Button } from "@/shared/ui";
import { late } from "@/shared/ui/late";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import type { WhyDialogProps } from "./why-dialog";

const WhyDialog = late<WhyDialogProps>(() => import("./why-dialog").then((m) => m.WhyDialog));

/** Shown at once, and taken back where the API refuses. */
function useFeedback(message: Message) {
  const { t } = useTranslation("playground");
  const textOf = useProblemText();
  const dispatch = useDispatch();
  const [give] = useGiveFeedbackMutation();
  const [withdraw] = useWithdrawFeedbackMutation();
  const show = (feedback: Given | null) =>
    dispatch(messagesSaid(message.conversation_id, [{ ...message, feedback }]) as never);
  return async (said: FeedbackPut | null) => {
    const moment = new Date().toISOString();
    const times = { created_at: moment, updated_at: moment };
    show(said && { reason: null, comment: null, ...said, ...times });
    const messageId = message.id;
    const sent = said ? give({ messageId, feedbackPut: said }) : withdraw({ messageId });
    const { error } = await sent;
    if (!error) return;
    show(message.feedback);
    notify.error(t("feedback_failed"), { description: textOf(error) });
  };
}

/** Whether an answer helped; a no may say why. */
export function Feedback({ message }: { message: Message }) {
  const { t } = useTranslation("playground");
  const send = useFeedback(message);
  const [isAsking, setAsking] = useState(false);
  const rating = message.feedback?.rating;
  const rate = (next: "up" | "down") => {
    void send(rating === next ? null : { rating: next });
    if (next === "down" && rating !== "down") setAsking(true);
  };
  return (
    <>
      {(["up", "down"] as const).map((value) => {
        const Icon = value === "up" ? ThumbsUp : ThumbsDown;
        return (
          <Button
            key={value}
            variant="quiet"
            size="icon"
            className="size-8"
            aria-label={t(`rate_${value}`)}
            aria-pressed={rating === value}
            onPress={() => rate(value)}
          >
            <Icon
              aria-hidden
              className={rating === value ? "size-4 fill-current text-accent" : "size-4"}
            />
          </Button>
        );
      })}
      {isAsking && <WhyDialog onClose={() => setAsking(false)} onSend={send} />}
    </>
  );
}
