import {
  ArrowLeft,
  Braces,
  ChevronLeft,
  ChevronRight,
  Ellipsis,
  FileText,
  Trash2,
} from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import type { Conversation } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { Button, LinkButton, TextLink, useTitle } from "@/shared/ui";
import { Menu, MenuItem } from "@/shared/ui/menu";
import { useUndoableDelete } from "@/shared/undo";
import { MessageCount, Ratings } from "./conversation-row";
import type { Neighbours } from "./neighbours";
import { useExport } from "./use-export";
import { useWhoText } from "./who";

interface DetailHeadProps {
  conversation: Conversation;
  neighbours: Neighbours;
  /** The list with its filters. */
  back: string;
}

function Step({ to, label, children }: { to: string | null; label: string; children: ReactNode }) {
  if (to === null) {
    return (
      <Button variant="quiet" size="icon" isDisabled aria-label={label}>
        {children}
      </Button>
    );
  }
  return (
    <LinkButton variant="quiet" size="icon" className="px-0" to={to} aria-label={label}>
      {children}
    </LinkButton>
  );
}

function Way({ neighbours, back }: Omit<DetailHeadProps, "conversation">) {
  const { t } = useTranslation("conversations");
  return (
    <nav aria-label={t("way")} className="flex items-center gap-1">
      <TextLink to={back} className="inline-flex min-h-9 items-center gap-1.5 text-sm no-underline">
        <ArrowLeft aria-hidden className="size-4 rtl:rotate-180" />
        {t("all")}
      </TextLink>
      <span className="grow" />
      <Step to={neighbours.newer} label={t("newer")}>
        <ChevronLeft aria-hidden className="size-4 rtl:rotate-180" />
      </Step>
      <Step to={neighbours.older} label={t("older")}>
        <ChevronRight aria-hidden className="size-4 rtl:rotate-180" />
      </Step>
    </nav>
  );
}

function useDelete(conversation: Conversation, back: string) {
  const { t } = useTranslation("conversations");
  const navigate = useNavigate();
  const { remove } = useUndoableDelete();
  const { id, title } = conversation;
  return () => {
    const item = { id, name: title || t("untitled"), path: `/api/v1/conversations/${id}` };
    remove({ items: [item], tags: ["Conversations"] });
    void navigate(back);
  };
}

function More({ conversation, back }: Omit<DetailHeadProps, "neighbours">) {
  const { t } = useTranslation("conversations");
  const { may } = useSession();
  const save = useExport(conversation);
  const remove = useDelete(conversation, back);
  const trigger = (
    <Button variant="secondary" size="icon" aria-label={t("more")}>
      <Ellipsis aria-hidden className="size-4" />
    </Button>
  );
  return (
    <Menu trigger={trigger}>
      <MenuItem
        icon={<FileText aria-hidden className="size-4" />}
        onAction={() => void save("markdown")}
      >
        {t("export_markdown")}
      </MenuItem>
      <MenuItem icon={<Braces aria-hidden className="size-4" />} onAction={() => void save("json")}>
        {t("export_json")}
      </MenuItem>
      {may("editor") && (
        <MenuItem isDanger icon={<Trash2 aria-hidden className="size-4" />} onAction={remove}>
          {t("delete")}
        </MenuItem>
      )}
    </Menu>
  );
}

/** Whose conversation it is and what can be done with it. */
export function DetailHead({ conversation, neighbours, back }: DetailHeadProps) {
  const { t } = useTranslation("conversations");
  const format = useFormat();
  const whoText = useWhoText();
  const { id, bot_id, title, started_by, created_at, message_count, feedback } = conversation;
  useTitle(title || t("untitled"));
  return (
    <header className="border-b border-line px-4 pt-2 pb-3 sm:px-8">
      <Way neighbours={neighbours} back={back} />
      <div className="mt-1 flex flex-wrap items-start justify-between gap-x-4 gap-y-3">
        <div className="min-w-0 grow basis-60">
          <h1 dir="auto" className="line-clamp-2 text-xl font-semibold tracking-tight">
            {title || t("untitled")}
          </h1>
          <p className="mt-1 flex flex-wrap items-center gap-x-4 gap-y-1 text-xs text-faint">
            <span>{whoText(started_by)}</span>
            <time dateTime={created_at}>{format.moment(created_at)}</time>
            <MessageCount count={message_count} />
            <Ratings feedback={feedback} />
          </p>
        </div>
        <div className="flex items-center gap-2">
          <LinkButton size="sm" variant="secondary" className="min-h-9" to={paths.chat(bot_id, id)}>
            {t("go_on")}
          </LinkButton>
          <More conversation={conversation} back={back} />
        </div>
      </div>
    </header>
  );
}
