import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { type Bot, useDeleteBotMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { paths } from "@/shared/paths";
import { Button, Field, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";

function useDelete(bot: Bot) {
  const { t } = useTranslation("bot");
  const navigate = useNavigate();
  const [remove] = useDeleteBotMutation();
  return useSubmit<"confirmation">(async () => {
    const { error } = await remove({ botId: bot.id });
    if (error) return { error };
    notify.success(t("deleted", { name: bot.name }), { description: t("deleted_next") });
    await navigate(paths.bots, { replace: true });
    return {};
  });
}

/** Its name must be typed: what is lost does not come back. */
function DeleteDialog({ bot, onClose }: { bot: Bot; onClose: () => void }) {
  const { t } = useTranslation(["bot", "common"]);
  const { form, refusal, isPending } = useDelete(bot);
  const name = bot.name.trim();
  return (
    <Dialog isOpen isAlert title={t("delete_title", { name })} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <p className="text-soft">{t("delete_text")}</p>
        <Field
          autoFocus
          name="confirmation"
          autoComplete="off"
          label={t("delete_confirm", { name })}
          validate={(typed) => (typed.trim() === name ? null : t("delete_other_name"))}
        />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" variant="danger" isPending={isPending}>
            {t("delete")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}

export function DangerZone({ bot }: { bot: Bot }) {
  const { t } = useTranslation("bot");
  const [isAsking, setAsking] = useState(false);
  return (
    <Section isDangerous title={t("danger")} lead={t("danger_text")}>
      <Button variant="secondary" onPress={() => setAsking(true)}>
        {t("delete")}
      </Button>
      {isAsking && <DeleteDialog bot={bot} onClose={() => setAsking(false)} />}
    </Section>
  );
}
