import type { Virtualizer } from "@tanstack/react-virtual";
import { ArrowDown } from "lucide-react";
import { type ReactNode, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";
import { AnswerAnnouncer } from "./announcer";
import type { Turn } from "./branches";
import { useList } from "./use-list";
import type { History } from "./use-messages";

interface MessageListProps {
  turns: readonly Turn[];
  history: Pick<History, "hasOlder" | "isLoadingOlder" | "loadOlder">;
  /** The message that is gone to at first; absent: the end. */
  startAt?: string | null;
  /** One message: a MessageView. */
  children: (turn: Turn) => ReactNode;
}

/** However long a conversation is, only what is looked at, and a little around it, is in the document. */
export function MessageList({ turns, history, startAt, children }: MessageListProps) {
  const { t } = useTranslation("chat");
  const keys = useMemo(() => turns.map(({ message, key }) => key ?? message.id), [turns]);
  const { hasOlder, isLoadingOlder, loadOlder } = history;
  const { scroller, list, isAtEnd } = useList({
    keys,
    hasOlder,
    isLoadingOlder,
    onOlder: loadOlder,
    startAt,
  });
  return (
    <div className="relative flex min-h-0 grow flex-col">
      <h2 className="sr-only">{t("conversation")}</h2>
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={t("conversation")}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled with the keys too
        tabIndex={0}
        className="min-h-0 grow overflow-x-hidden overflow-y-auto overscroll-contain -outline-offset-2 [overflow-anchor:none]"
      >
        {isLoadingOlder && <Older />}
        <Window list={list} turns={turns}>
          {children}
        </Window>
      </div>
      {!isAtEnd && <ToEnd onPress={() => list.scrollToEnd()} />}
      <AnswerAnnouncer newest={turns.at(-1)?.message} />
    </div>
  );
}

interface WindowProps {
  list: Virtualizer<HTMLDivElement, Element>;
  turns: readonly Turn[];
  children: (turn: Turn) => ReactNode;
}

function Window({ list, turns, children }: WindowProps) {
  return (
    <div className="relative w-full" style={{ height: list.getTotalSize() }}>
      {list.getVirtualItems().map(({ key, index, start }) => {
        const turn = turns[index];
        return (
          turn && (
            <div
              key={key}
              ref={list.measureElement}
              data-index={index}
              data-message={turn.message.role}
              className="absolute inset-x-0 top-0"
              style={{ transform: `translateY(${start}px)` }}
            >
              <div className="mx-auto w-full max-w-3xl px-4 py-3 sm:px-6">{children(turn)}</div>
            </div>
          )
        );
      })}
    </div>
  );
}

/** Over the list, so that nothing moves for it. */
function Older() {
  const { t } = useTranslation("chat");
  return (
    <div
      role="status"
      className="pointer-events-none sticky top-2 z-10 flex h-0 justify-center overflow-visible"
    >
      <span className="h-8 rounded-full border border-line bg-surface px-3 py-1.5 text-xs text-soft shadow-2">
        {t("loading_older")}
      </span>
    </div>
  );
}

function ToEnd({ onPress }: { onPress: () => void }) {
  const { t } = useTranslation("chat");
  return (
    <div className="pointer-events-none absolute inset-x-0 bottom-3 flex justify-center">
      <Button
        variant="secondary"
        size="sm"
        className="pointer-events-auto rounded-full shadow-2"
        onPress={onPress}
      >
        <ArrowDown aria-hidden className="size-4" />
        {t("jump_to_latest")}
      </Button>
    </div>
  );
}
