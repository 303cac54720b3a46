import { Ellipsis, PencilLine, SquarePen, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import type { Conversation } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { Button, ErrorState, LinkButton, Loading, Skeleton } from "@/shared/ui";
import { late } from "@/shared/ui/late";
import { Menu, MenuItem } from "@/shared/ui/menu";
import { useUndoableDelete } from "@/shared/undo";
import { useProblemText } from "@/shared/use-problem-text";
import { usePastConversationsInfiniteQuery } from "./conversations-api";
import type { RenameDialogProps } from "./rename-dialog";

const RenameDialog = late<RenameDialogProps>(() =>
  import("./rename-dialog").then((m) => m.RenameDialog),
);

interface ListProps {
  botId: string;
  openId: string | undefined;
  /** One of them, or a new one, was gone to. */
  onGo: () => void;
  /** The one that is open was deleted. */
  onGone: () => void;
}

/** What was asked before, to go on with. */
export function ConversationList(props: ListProps) {
  const { t } = useTranslation("playground");
  return (
    <nav aria-label={t("conversations")} className="flex h-full min-h-0 flex-col">
      <div className="p-3">
        <LinkButton
          to={paths.playground(props.botId)}
          onClick={props.onGo}
          variant="secondary"
          size="sm"
          className="w-full"
        >
          <SquarePen aria-hidden className="size-4" />
          {t("new")}
        </LinkButton>
      </div>
      <div className="min-h-0 grow overflow-y-auto px-2 pb-3">
        <Conversations {...props} />
      </div>
    </nav>
  );
}

function Conversations({ botId, openId, onGo, onGone }: ListProps) {
  const { t } = useTranslation(["playground", "common"]);
  const textOf = useProblemText();
  const { isHidden, remove } = useUndoableDelete();
  const [renamed, setRenamed] = useState<Conversation | null>(null);
  const query = usePastConversationsInfiniteQuery(botId);
  if (query.isError && !query.currentData) {
    return (
      <ErrorState
        title={t("conversations_failed")}
        detail={textOf(query.error)}
        onRetry={() => void query.refetch()}
        isRetrying={query.isFetching}
      />
    );
  }
  if (!query.currentData) return <Waiting />;
  const shown = query.currentData.pages.flatMap(({ data }) => data).filter((c) => !isHidden(c.id));
  const drop = ({ id, title }: Conversation) => {
    const name = title || t("untitled");
    const path = `/api/v1/conversations/${id}`;
    remove({ items: [{ id, name, path }], tags: ["Conversations"] });
    if (id === openId) onGone();
  };
  return (
    <>
      {shown.length === 0 && <p className="px-2 py-1 text-sm text-faint">{t("none_yet")}</p>}
      <ul className="flex flex-col gap-0.5">
        {shown.map((one) => (
          <Entry
            key={one.id}
            conversation={one}
            onGo={onGo}
            onRename={setRenamed}
            onDelete={drop}
          />
        ))}
      </ul>
      {query.hasNextPage && (
        <Button
          variant="quiet"
          size="sm"
          className="mt-2 w-full"
          isPending={query.isFetchingNextPage}
          onPress={() => void query.fetchNextPage()}
        >
          {t("show_more")}
        </Button>
      )}
      {renamed && <RenameDialog conversation={renamed} onClose={() => setRenamed(null)} />}
    </>
  );
}

interface EntryProps {
  conversation: Conversation;
  onGo: () => void;
  onRename: (conversation: Conversation) => void;
  onDelete: (conversation: Conversation) => void;
}

function Entry({ conversation, onGo, onRename, onDelete }: EntryProps) {
  const { t } = useTranslation("playground");
  const format = useFormat();
  const { id, bot_id, title, updated_at } = conversation;
  const name = title || t("untitled");
  return (
    <li className="group flex items-center rounded-md hover:bg-hover has-aria-[current=page]:bg-hover">
      <NavLink
        to={paths.chat(bot_id, id)}
        onClick={onGo}
        className="min-w-0 grow rounded-md px-2.5 py-2 text-ink no-underline"
      >
        <span dir="auto" className="line-clamp-2 text-sm wrap-anywhere">
          {name}
        </span>
        <span className="block text-xs text-faint">{format.ago(updated_at)}</span>
      </NavLink>
      <Menu
        trigger={
          <Button
            variant="quiet"
            size="icon"
            aria-label={t("more", { name })}
            className="me-1 size-8 shrink-0"
          >
            <Ellipsis aria-hidden className="size-4" />
          </Button>
        }
      >
        <MenuItem
          icon={<PencilLine aria-hidden className="size-4" />}
          onAction={() => onRename(conversation)}
        >
          {t("rename")}
        </MenuItem>
        <MenuItem
          isDanger
          icon={<Trash2 aria-hidden className="size-4" />}
          onAction={() => onDelete(conversation)}
        >
          {t("delete")}
        </MenuItem>
      </Menu>
    </li>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <div className="flex flex-col gap-0.5">
        {[1, 2, 3, 4].map((n) => (
          <Skeleton key={n} className="h-13.5 w-full" />
        ))}
      </div>
    </Loading>
  );
}
