import { useTranslation } from "react-i18next";
import type { Document } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Field } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import type { Deeds } from "./use-deeds";

interface RenameDialogProps {
  document: Document;
  change: Deeds["change"];
  onClose: () => void;
}

const TITLE_MOST = 1000;

export function RenameDialog({ document, change, onClose }: RenameDialogProps) {
  const { t } = useTranslation(["knowledge", "common"]);
  const { form, isPending } = useSubmit<"title">(async ({ title }) => {
    if (await change([document], { title })) onClose();
    return undefined;
  });
  return (
    <Dialog isOpen title={t("rename")} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        <Field
          name="title"
          autoFocus
          autoComplete="off"
          maxLength={TITLE_MOST}
          defaultValue={document.title}
          label={t("text_title")}
          hint={t("rename_hint")}
          validate={(text) => (text.trim() ? null : t("text_title_missing"))}
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
