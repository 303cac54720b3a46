import { X } from "lucide-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Citation, Message } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { Button } from "@/shared/ui";
import { useMediaQuery } from "@/shared/use-media-query";
import { Composer } from "./composer";
import { Thread } from "./thread";
import { Trouble } from "./trouble";
import { useChat, type VersionChoice } from "./use-chat";
import { useKeptText } from "./use-kept-text";

interface ChatPaneProps {
  botId: string;
  conversationId: string | undefined;
  version: VersionChoice;
  onOpenCitation: (citation: Citation) => void;
  onOpenTrace: (message: Message) => void;
}

/** With a keyboard at hand one types at once; on a phone the keys would hide half the screen. */
function useComposer(conversationId: string | undefined) {
  const field = useRef<HTMLTextAreaElement>(null);
  const hasKeyboard = useMediaQuery("(pointer: fine)");
  // biome-ignore lint/correctness/useExhaustiveDependencies: in every conversation anew
  useEffect(() => {
    if (!hasKeyboard) return;
    const request = requestAnimationFrame(() => field.current?.focus({ preventScroll: true }));
    return () => cancelAnimationFrame(request);
  }, [conversationId, hasKeyboard]);
  return field;
}

/** What is written: a new question, or an old one that is asked in another way. */
function useWriting(botId: string, conversationId: string | undefined) {
  const field = useComposer(conversationId);
  const [text, setText] = useKeptText(`${botId}-${conversationId ?? "new"}`);
  const [edited, setEdited] = useState<Message | null>(null);
  const write = useCallback(
    (question: string) => {
      setText(question);
      field.current?.focus();
    },
    [setText, field],
  );
  const edit = useCallback(
    (message: Message | null) => {
      setEdited(message);
      write(message?.content ?? "");
    },
    [write],
  );
  const isHere = edited !== null && edited.conversation_id === conversationId;
  return { field, text, setText, write, edit, edited: isHere ? edited : null };
}

/** The messages, and what is written under them. */
export function ChatPane(props: ChatPaneProps) {
  const { botId, conversationId, version, onOpenCitation, onOpenTrace } = props;
  const navigate = useNavigate();
  const { field, text, setText, write, edit, edited } = useWriting(botId, conversationId);
  const onConversation = (id: string) => void navigate(paths.chat(botId, id), { replace: true });
  const chat = useChat({ botId, conversationId, version, onConversation });
  const send = () => {
    chat.ask(text.trim(), edited?.parent_id);
    edit(null);
  };
  return (
    <>
      <Thread
        botId={botId}
        conversationId={conversationId}
        chat={chat}
        onOpenCitation={onOpenCitation}
        onOpenTrace={onOpenTrace}
        onEdit={edit}
      />
      <Trouble answering={chat.answering} onEdit={write} />
      {edited && <Editing onCancel={() => edit(null)} />}
      {!chat.isGone && (
        <Composer
          field={field}
          text={text}
          onText={setText}
          isBusy={chat.isBusy}
          onSend={send}
          onStop={chat.answering.stop}
        />
      )}
    </>
  );
}

function Editing({ onCancel }: { onCancel: () => void }) {
  const { t } = useTranslation("playground");
  return (
    <div className="mx-auto flex w-full max-w-3xl items-center gap-2 px-4 text-sm text-soft sm:px-6">
      <span className="grow">{t("editing")}</span>
      <Button
        variant="quiet"
        size="icon"
        className="size-8"
        aria-label={t("stop_editing")}
        onPress={onCancel}
      >
        <X aria-hidden className="size-4" />
      </Button>
    </div>
  );
}
