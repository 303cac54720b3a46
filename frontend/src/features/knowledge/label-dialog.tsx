import { useTranslation } from "react-i18next";
import type { Document } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Field } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import type { Deeds } from "./use-deeds";

const NAME_MOST = 100;
const VALUE_MOST = 1000;

interface LabelDialogProps {
  documents: readonly Document[];
  change: Deeds["change"];
  onClose: () => void;
}

/** A label is an entry of the documents' metadata: searches can be narrowed by it. */
export function LabelDialog({ documents, change, onClose }: LabelDialogProps) {
  const { t } = useTranslation(["knowledge", "common"]);
  const { form, isPending } = useSubmit<"name" | "value">(async ({ name, value }) => {
    const isDone = await change(documents, { metadata: { [name]: value || null } });
    if (isDone) onClose();
    return undefined;
  });
  return (
    <Dialog isOpen title={t("label_title", { count: documents.length })} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        <p className="text-soft">{t("label_lead")}</p>
        <Field
          name="name"
          autoFocus
          autoComplete="off"
          maxLength={NAME_MOST}
          label={t("label_name")}
          placeholder={t("label_name_example")}
          validate={(text) => (text.trim() ? null : t("label_name_missing"))}
        />
        <Field
          name="value"
          autoComplete="off"
          maxLength={VALUE_MOST}
          label={t("label_value")}
          placeholder={t("label_value_example")}
          hint={t("label_value_hint")}
        />
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" isPending={isPending}>
            {t("common:save")}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
