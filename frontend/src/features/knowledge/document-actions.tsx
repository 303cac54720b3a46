import { Download, Ellipsis, FileUp, Pencil, RotateCw, Square, Tag, Trash2 } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import { useNavigate } from "react-router";
import { useDownloadMutation } from "@/shared/api/download";
import { api, type Document } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { Button } from "@/shared/ui";
import { Menu, MenuItem, MenuSeparator } from "@/shared/ui/menu";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { usePutDocument } from "./documents-api";
import { LabelDialog } from "./label-dialog";
import { isBusy } from "./merge";
import { RenameDialog } from "./rename-dialog";
import { sendFile } from "./send-file";
import { useDeeds } from "./use-deeds";

/** Give the document another file. */
function useReplace(document: Document) {
  const { t } = useTranslation("knowledge");
  const textOf = useProblemText();
  const store = useStore();
  const put = usePutDocument();
  const [isReplacing, setReplacing] = useState(false);
  const replace = async (file: File | undefined) => {
    if (!file) return;
    setReplacing(true);
    const url = `/api/v1/documents/${document.id}/content`;
    const { status, data } = await sendFile(store, { method: "PUT", url, file });
    setReplacing(false);
    if (status === 202) {
      put(data as Document);
      store.dispatch(api.util.invalidateTags(["Documents"]));
      notify.success(t("replaced"), { description: t("replaced_next") });
    } else notify.error(t("replace_failed"), { description: textOf({ data }) });
  };
  return { replace, isReplacing };
}

function DownloadButton({ document }: { document: Document }) {
  const { t } = useTranslation(["knowledge", "common"]);
  const textOf = useProblemText();
  const [download, { isLoading }] = useDownloadMutation();
  const onPress = async () => {
    const url = `/api/v1/documents/${document.id}/content`;
    const { error } = await download({ url, name: document.filename || document.title });
    if (error) notify.error(t("common:download_failed"), { description: textOf(error) });
  };
  return (
    <Button variant="secondary" isPending={isLoading} onPress={() => void onPress()}>
      <Download aria-hidden className="size-4" />
      {t("download")}
    </Button>
  );
}

type Open = "rename" | "label" | null;

interface DeedsMenuProps {
  document: Document;
  isReplacing: boolean;
  onReplace: () => void;
  onOpen: (open: Open) => void;
}

function DeedsMenu({ document, isReplacing, onReplace, onOpen }: DeedsMenuProps) {
  const { t } = useTranslation("knowledge");
  const navigate = useNavigate();
  const deeds = useDeeds();
  const remove = () => {
    deeds.remove([document]);
    void navigate(paths.knowledge(document.bot_id));
  };
  const name = t("deeds_of", { title: document.title });
  const [Again, again, doAgain] = isBusy(document)
    ? [Square, t("stop"), () => void deeds.stop(document)]
    : [RotateCw, t("reprocess"), () => void deeds.retry([document])];
  const icon = "size-4";
  return (
    <Menu
      aria-label={name}
      trigger={
        <Button variant="secondary" aria-label={name} isPending={isReplacing} className="px-3">
          <Ellipsis aria-hidden className={icon} />
        </Button>
      }
    >
      <MenuItem icon={<Pencil aria-hidden className={icon} />} onAction={() => onOpen("rename")}>
        {t("rename")}
      </MenuItem>
      <MenuItem icon={<Tag aria-hidden className={icon} />} onAction={() => onOpen("label")}>
        {t("label")}
      </MenuItem>
      <MenuItem icon={<FileUp aria-hidden className={icon} />} onAction={onReplace}>
        {t("replace")}
      </MenuItem>
      <MenuItem icon={<Again aria-hidden className={icon} />} onAction={doAgain}>
        {again}
      </MenuItem>
      <MenuSeparator />
      <MenuItem isDanger icon={<Trash2 aria-hidden className={icon} />} onAction={remove}>
        {t("delete")}
      </MenuItem>
    </Menu>
  );
}

/** What can be done with the document; who may only look can take the original. */
export function DocumentActions({ document }: { document: Document }) {
  const canEdit = useSession().may("editor");
  const { change } = useDeeds();
  const { replace, isReplacing } = useReplace(document);
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState<Open>(null);
  const close = () => setOpen(null);
  return (
    <>
      <DownloadButton document={document} />
      {canEdit && (
        <>
          <input
            ref={input}
            hidden
            type="file"
            onChange={({ currentTarget }) => {
              void replace(currentTarget.files?.[0]);
              currentTarget.value = "";
            }}
          />
          <DeedsMenu
            document={document}
            isReplacing={isReplacing}
            onReplace={() => input.current?.click()}
            onOpen={setOpen}
          />
        </>
      )}
      {open === "rename" && <RenameDialog document={document} change={change} onClose={close} />}
      {open === "label" && <LabelDialog documents={[document]} change={change} onClose={close} />}
    </>
  );
}
