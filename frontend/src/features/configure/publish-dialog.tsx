import { useTranslation } from "react-i18next";
import { useCreateVersionMutation, usePublishVersionMutation } from "@/shared/api/inside";
import { same } from "@/shared/same";
import { notify } from "@/shared/ui/toast";
import { DeedDialog } from "./deed-dialog";
import { changesBetween, configurationOf, type History, type Side } from "./use-versions";

interface PublishDialogProps {
  history: History;
  side: Side;
  onClose: () => void;
}

/** The version that holds the draft already: publishing it twice makes no second copy. */
function keptDraft(history: History): number | undefined {
  const newest = history.versions[0];
  const draft = configurationOf(history, "draft");
  return newest && same(newest.configuration, draft) ? newest.number : undefined;
}

function usePublish({ history, side, onClose }: PublishDialogProps) {
  const { t } = useTranslation("configure");
  const [create] = useCreateVersionMutation();
  const [publish] = usePublishVersionMutation();
  const botId = history.bot.id;
  const kept = side === "draft" ? keptDraft(history) : side;
  const send = async (note: string) => {
    const made = kept ? { data: { number: kept } } : await create({ botId, body: { note } });
    if (!made.data) return { error: made.error };
    const version = made.data.number;
    const { error } = await publish({ botId, number: version });
    if (error) return { error };
    notify.success(t("published", { version }), { description: t("published_next") });
    onClose();
    return {};
  };
  return { send, hasNote: kept === undefined };
}

function useTexts({ history, side }: PublishDialogProps) {
  const { t } = useTranslation("configure");
  const old = history.bot.published_version;
  if (side === "draft") {
    const isFirst = old === null;
    return {
      title: t("publish_draft_title"),
      text: isFirst ? t("publish_draft_first") : t("publish_draft_text", { version: old }),
      action: t("publish"),
    };
  }
  const isBack = old !== null && side < old;
  return {
    title: t(isBack ? "roll_back_title" : "publish_version_title", { version: side }),
    text:
      old === null
        ? t("publish_version_first", { version: side })
        : t("publish_version_text", { version: side, old }),
    action: isBack ? t("roll_back_do") : t("publish"),
  };
}

/** Serve the draft, or a version, to those who ask: with what changes for them. */
export function PublishDialog(props: PublishDialogProps) {
  const { t } = useTranslation("configure");
  const { history, side, onClose } = props;
  const { send, hasNote } = usePublish(props);
  const served = history.bot.published_version;
  return (
    <DeedDialog
      {...useTexts(props)}
      changes={served === null ? undefined : changesBetween(history, served, side)}
      nothing={t("publish_nothing")}
      hasNote={hasNote}
      onConfirm={send}
      onClose={onClose}
    />
  );
}
