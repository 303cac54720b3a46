import { useTranslation } from "react-i18next";
import { useCreateVersionMutation, useUpdateBotMutation } from "@/shared/api/inside";
import { notify } from "@/shared/ui/toast";
import { DeedDialog } from "./deed-dialog";
import { changesBetween, configurationOf, type History } from "./use-versions";

interface DialogProps {
  history: History;
  onClose: () => void;
}

/** Keep the draft as it is, without serving it. */
export function MakeDialog({ history, onClose }: DialogProps) {
  const { t } = useTranslation("configure");
  const [create] = useCreateVersionMutation();
  const make = async (note: string) => {
    const { data, error } = await create({ botId: history.bot.id, body: { note } });
    if (!data) return { error };
    notify.success(t("made", { version: data.number }), { description: t("made_next") });
    onClose();
    return {};
  };
  return (
    <DeedDialog
      hasNote
      title={t("make_title")}
      text={t("make_text")}
      action={t("make")}
      onConfirm={make}
      onClose={onClose}
    />
  );
}

/** Go on editing where a version stopped. */
export function RestoreDialog({ history, version, onClose }: DialogProps & { version: number }) {
  const { t } = useTranslation("configure");
  const [update] = useUpdateBotMutation();
  const restore = async () => {
    const configuration = configurationOf(history, version);
    const botPatch = { configuration };
    const { error } = await update({ botId: history.bot.id, botPatch });
    if (error) return { error };
    notify.success(t("restored", { version }), { description: t("restored_next") });
    onClose();
    return {};
  };
  return (
    <DeedDialog
      title={t("restore_title", { version })}
      text={t("restore_text", { version })}
      action={t("restore")}
      changes={changesBetween(history, "draft", version)}
      nothing={t("compare_none")}
      onConfirm={restore}
      onClose={onClose}
    />
  );
}
