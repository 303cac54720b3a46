import { useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate, useParams } from "react-router";
import { type Citation, type Message, useGetBotQuery } from "@/shared/api/inside";
import { PassagePanel } from "@/shared/passage";
import type { Passage } from "@/shared/passage/passage";
import { paths } from "@/shared/paths";
import { late } from "@/shared/ui/late";
import { useMediaQuery } from "@/shared/use-media-query";
import { ChatPane } from "./chat-pane";
import { ConversationList } from "./conversation-list";
import { Sheet } from "./sheet";
import { Toolbar } from "./toolbar";
import type { TracePanelProps } from "./trace-panel";
import type { VersionChoice } from "./use-chat";

const TracePanel = late<TracePanelProps>(() => import("./trace-panel").then((m) => m.TracePanel));

/** What stands beside the chat: one thing at a time. */
type Aside = { kind: "passage"; passage: Passage } | { kind: "trace"; message: Message } | null;

const passageOf = (citation: Citation): Passage => ({
  documentId: citation.document_id,
  revision: citation.revision,
  start: citation.start,
  end: citation.end,
  title: citation.title,
  page: citation.page,
});

export function Playground() {
  const { botId = "", conversationId } = useParams();
  const { data: bot } = useGetBotQuery({ botId });
  const [version, setVersion] = useState<VersionChoice>("draft");
  const [aside, setAside] = useState<Aside>(null);
  const [isListing, setListing] = useState(false);
  const isWide = useMediaQuery(aside ? "(min-width: 96rem)" : "(min-width: 75rem)");
  const openPassage = useCallback((passage: Passage) => setAside({ kind: "passage", passage }), []);
  const openCitation = useCallback(
    (citation: Citation) => openPassage(passageOf(citation)),
    [openPassage],
  );
  const openTrace = useCallback((message: Message) => setAside({ kind: "trace", message }), []);
  return (
    <div data-fill className="flex min-h-0 grow">
      <PastConversations
        botId={botId}
        conversationId={conversationId}
        isBeside={isWide}
        isOpen={isListing}
        onClose={() => setListing(false)}
      />
      <section className="flex min-w-0 grow flex-col">
        <Toolbar
          bot={bot}
          botId={botId}
          conversationId={conversationId}
          version={version}
          onVersion={setVersion}
          onShowConversations={isWide ? undefined : () => setListing(true)}
        />
        <ChatPane
          botId={botId}
          conversationId={conversationId}
          version={version}
          onOpenCitation={openCitation}
          onOpenTrace={openTrace}
        />
      </section>
      <Beside aside={aside} onOpenPassage={openPassage} onClose={() => setAside(null)} />
    </div>
  );
}

interface PastProps {
  botId: string;
  conversationId: string | undefined;
  isBeside: boolean;
  isOpen: boolean;
  onClose: () => void;
}

/** A column of its own where there is room, else a drawer. */
function PastConversations({ botId, conversationId, isBeside, isOpen, onClose }: PastProps) {
  const { t } = useTranslation("playground");
  const navigate = useNavigate();
  const list = (
    <ConversationList
      botId={botId}
      openId={conversationId}
      onGo={onClose}
      onGone={() => void navigate(paths.playground(botId))}
    />
  );
  if (isBeside) {
    return <div className="w-64 shrink-0 border-e border-line bg-surface">{list}</div>;
  }
  return (
    isOpen && (
      <Sheet side="start" title={t("conversations")} onClose={onClose}>
        {list}
      </Sheet>
    )
  );
}

interface BesideProps {
  aside: Aside;
  onOpenPassage: (passage: Passage) => void;
  onClose: () => void;
}

function Beside({ aside, onOpenPassage, onClose }: BesideProps) {
  const hasRoom = useMediaQuery("(min-width: 64rem)");
  if (!aside) return null;
  const panel =
    aside.kind === "passage" ? (
      <PassagePanel passage={aside.passage} onClose={onClose} />
    ) : (
      <TracePanel message={aside.message} onOpenPassage={onOpenPassage} onClose={onClose} />
    );
  if (!hasRoom) return panel;
  return <div className="w-96 shrink-0 border-s border-line xl:w-[28rem]">{panel}</div>;
}
