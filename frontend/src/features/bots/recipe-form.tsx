import { useTranslation } from "react-i18next";
import { useCreateBotMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Field, Notice } from "@/shared/ui";
import { DialogActions } from "@/shared/ui/dialog";
import { notify } from "@/shared/ui/toast";
import type { Recipe } from "./bot-file";

export const NAME_MOST = 100;

interface RecipeFormProps {
  recipe: Recipe;
  name: string;
  action: string;
  onClose: () => void;
  onCreated: (id: string) => void;
}

/** Make a bot by a recipe, under a name of its own. */
export function RecipeForm({ recipe, name, action, onClose, onCreated }: RecipeFormProps) {
  const { t } = useTranslation(["bots", "common"]);
  const [create] = useCreateBotMutation();
  const { form, refusal, isPending } = useSubmit<"name">(async (values) => {
    const { data, error } = await create({ botCreate: { ...recipe, ...values } });
    if (data) {
      notify.success(t("created", { name: data.name }), { description: t("created_next") });
      onCreated(data.id);
    }
    return { error };
  });
  return (
    <Form {...form} className="flex flex-col gap-5">
      {refusal && <Notice tone="danger">{refusal}</Notice>}
      <Notice>{t("documents_stay")}</Notice>
      <Field
        autoFocus
        name="name"
        autoComplete="off"
        maxLength={NAME_MOST}
        label={t("name")}
        defaultValue={name}
        validate={(text) => (text.trim() ? null : t("name_missing"))}
      />
      <DialogActions>
        <Button variant="secondary" onPress={onClose}>
          {t("common:cancel")}
        </Button>
        <Button type="submit" isPending={isPending}>
          {action}
        </Button>
      </DialogActions>
    </Form>
  );
}
