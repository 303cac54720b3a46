import { useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import type { Message } from "@/shared/api/inside";
import { Trace } from "@/shared/chat/trace";
import type { Passage } from "@/shared/passage/passage";
import { useMediaQuery } from "@/shared/use-media-query";
import { PanelHead, Sheet } from "./sheet";

export interface TracePanelProps {
  message: Message;
  onOpenPassage: (passage: Passage) => void;
  onClose: () => void;
}

/** How an answer came about: beside the chat where there is room, else over it. */
export function TracePanel(props: TracePanelProps) {
  const { t } = useTranslation("playground");
  const isBeside = useMediaQuery("(min-width: 64rem)");
  if (isBeside) return <Beside {...props} />;
  return (
    <Sheet side="end" title={t("trace")} onClose={props.onClose}>
      <Inside {...props} />
    </Sheet>
  );
}

function Beside(props: TracePanelProps) {
  const { t } = useTranslation("playground");
  const titleId = useId();
  const panel = useRef<HTMLElement>(null);
  const { id } = props.message;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another answer's trace is another panel
  useEffect(() => panel.current?.focus({ preventScroll: true }), [id]);
  return (
    <aside
      ref={panel}
      tabIndex={-1}
      aria-labelledby={titleId}
      onKeyDown={(event) => event.key === "Escape" && props.onClose()}
      className="flex h-full min-h-0 flex-col bg-surface -outline-offset-2"
    >
      <PanelHead titleId={titleId} title={t("trace")} onClose={props.onClose} />
      <div className="min-h-0 grow overflow-y-auto">
        <Inside {...props} />
      </div>
    </aside>
  );
}

function Inside({ message, onOpenPassage }: TracePanelProps) {
  const { botId = "" } = useParams();
  return (
    <div className="p-5">
      <Trace botId={botId} message={message} onOpenPassage={onOpenPassage} />
    </div>
  );
}
