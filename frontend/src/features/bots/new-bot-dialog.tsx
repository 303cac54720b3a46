import { useTranslation } from "react-i18next";
import { useCreateBotMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Field, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { notify } from "@/shared/ui/toast";

const NAME_MOST = 100;
const DESCRIPTION_MOST = 1000;

interface NewBotDialogProps {
  onClose: () => void;
  onCreated: (id: string) => void;
}

function useNewBot(onCreated: (id: string) => void) {
  const { t } = useTranslation(["bots", "common"]);
  const [create] = useCreateBotMutation();
  return useSubmit<"name" | "description">(async (botCreate) => {
    const { data, error } = await create({ botCreate });
    if (data) {
      notify.success(t("created", { name: data.name }), { description: t("created_next") });
      onCreated(data.id);
    }
    return { error };
  });
}

export function NewBotDialog({ onClose, onCreated }: NewBotDialogProps) {
  const { t } = useTranslation(["bots", "common"]);
  const { form, refusal, isPending } = useNewBot(onCreated);
  return (
    <Dialog isOpen title={t("create_title")} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <Field
          name="name"
          autoFocus
          autoComplete="off"
          maxLength={NAME_MOST}
          label={t("name")}
          placeholder={t("name_example")}
          validate={(text) => (text.trim() ? null : t("name_missing"))}
        />
        <Field
          name="description"
          rows={3}
          maxLength={DESCRIPTION_MOST}
          label={t("description")}
          hint={t("description_hint")}
        />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" isPending={isPending}>
            {t("create")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
