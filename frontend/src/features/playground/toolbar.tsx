import { History, SquarePen } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type Bot, useGetConversationQuery } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { Badge, Button, LinkButton, useTitle } from "@/shared/ui";
import { Select } from "@/shared/ui/select";
import type { VersionChoice } from "./use-chat";

interface ToolbarProps {
  bot: Bot | undefined;
  botId: string;
  conversationId: string | undefined;
  version: VersionChoice;
  onVersion: (version: VersionChoice) => void;
  /** Absent where the conversations stand beside the chat. */
  onShowConversations?: () => void;
}

export function Toolbar(props: ToolbarProps) {
  const { t } = useTranslation("playground");
  const { bot, botId, conversationId, onShowConversations } = props;
  const { currentData } = useGetConversationQuery(
    { conversationId: conversationId ?? "" },
    { skip: !conversationId },
  );
  const title = conversationId ? currentData?.title || t("untitled") : t("new");
  useTitle(bot ? `${t("title")} · ${bot.name}` : t("title"));
  return (
    <div className="flex min-h-13 shrink-0 items-center gap-2 border-b border-line px-3 py-1.5 sm:px-4">
      {onShowConversations && (
        <Button
          variant="quiet"
          size="icon"
          aria-label={t("conversations")}
          onPress={onShowConversations}
        >
          <History aria-hidden className="size-4.5" />
        </Button>
      )}
      <h1 className="min-w-0 grow font-semibold">
        <span className="sr-only">{t("title")}: </span>
        <span dir="auto" className="block truncate">
          {title}
        </span>
      </h1>
      <Version {...props} />
      {onShowConversations && (
        <LinkButton
          to={paths.playground(botId)}
          variant="quiet"
          size="icon"
          aria-label={t("new")}
          className="shrink-0"
        >
          <SquarePen aria-hidden className="size-4.5" />
        </LinkButton>
      )}
    </div>
  );
}

/** Who answers: what one works on, or what others are served. */
function Version({ bot, version, onVersion }: ToolbarProps) {
  const { t } = useTranslation("playground");
  if (!bot) return null;
  if (bot.published_version === null) return <Badge>{t("draft")}</Badge>;
  const choices: { id: VersionChoice; name: string }[] = [
    { id: "draft", name: t("draft") },
    { id: "published", name: t("published", { number: bot.published_version }) },
  ];
  return (
    <Select
      isLabelHidden
      label={t("version_label")}
      choices={choices}
      value={version}
      onChange={onVersion}
      className="w-28 shrink-0 sm:w-48"
    />
  );
}
