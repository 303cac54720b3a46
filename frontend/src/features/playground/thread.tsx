import { MessageSquareX } from "lucide-react";
import { lazy, Suspense, useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { Citation, Message } from "@/shared/api/inside";
import { MessagesWaiting } from "@/shared/chat/messages-waiting";
import { paths } from "@/shared/paths";
import { EmptyState, ErrorState, LinkButton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { Beginning } from "./beginning";
import type { Chat } from "./use-chat";

const fetched = () => import("./turns");
const Turns = lazy(() => fetched().then((m) => ({ default: m.Turns })));

export interface ThreadProps {
  botId: string;
  conversationId: string | undefined;
  chat: Chat;
  onOpenCitation: (citation: Citation) => void;
  onOpenTrace: (message: Message) => void;
  onEdit: (message: Message) => void;
}

export function Thread(props: ThreadProps) {
  const { t } = useTranslation("chat");
  const textOf = useProblemText();
  const { botId, conversationId, chat } = props;
  const { history, turns } = chat;
  useEffect(() => void fetched().catch(() => undefined), []); // before the first question is written
  if (turns.length > 0) {
    return (
      <Suspense fallback={<MessagesWaiting />}>
        <Turns {...props} />
      </Suspense>
    );
  }
  if (chat.isGone) return <Gone botId={botId} />;
  if (history.error) {
    return (
      <div className="grid grow place-items-center p-4">
        <ErrorState
          title={t("load_failed")}
          detail={textOf(history.error)}
          onRetry={history.retry}
          isRetrying={history.isRetrying}
        />
      </div>
    );
  }
  if (conversationId && !history.messages) return <MessagesWaiting />;
  return (
    <div className="grid min-h-0 grow place-items-center overflow-y-auto p-4">
      <Beginning botId={botId} onAsk={chat.ask} />
    </div>
  );
}

function Gone({ botId }: { botId: string }) {
  const { t } = useTranslation("playground");
  return (
    <div className="grid grow place-items-center p-4">
      <EmptyState
        icon={<MessageSquareX aria-hidden className="size-6" />}
        title={t("gone")}
        action={<LinkButton to={paths.playground(botId)}>{t("new")}</LinkButton>}
      >
        {t("gone_why")}
      </EmptyState>
    </div>
  );
}
