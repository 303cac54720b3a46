import { useTranslation } from "react-i18next";
import { useCreateWorkspaceMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Field, Notice } from "@/shared/ui";
import { Dialog } from "@/shared/ui/dialog";
import { notify } from "@/shared/ui/toast";
import { useGoTo } from "./go-to";

export const NAME_MOST = 200;

/** Make a workspace and go into it. */
export function NewWorkspaceForm() {
  const { t } = useTranslation("workspace");
  const [create] = useCreateWorkspaceMutation();
  const goTo = useGoTo();
  const { form, refusal, isPending } = useSubmit<"name">(async (workspaceInput) => {
    const { data, error } = await create({ workspaceInput });
    if (data) {
      notify.success(t("created", { name: data.name }), { description: t("created_next") });
      goTo(data.id);
    }
    return { error };
  });
  return (
    <Form {...form} className="flex flex-col items-start gap-4">
      {refusal && <Notice tone="danger">{refusal}</Notice>}
      <Field
        name="name"
        autoComplete="off"
        maxLength={NAME_MOST}
        label={t("new_name")}
        hint={t("new_hint")}
        className="w-full"
        validate={(text) => (text.trim() ? null : t("name_missing"))}
      />
      <Button type="submit" isPending={isPending}>
        {t("create")}
      </Button>
    </Form>
  );
}

export function NewWorkspaceDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("workspace");
  return (
    <Dialog isOpen title={t("create")} onClose={onClose}>
      <NewWorkspaceForm />
    </Dialog>
  );
}
