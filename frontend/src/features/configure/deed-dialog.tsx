import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Field, Notice } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { ChangesView } from "./changes-view";
import type { Change } from "./values";

const NOTE_MOST = 500;

interface DeedDialogProps {
  title: string;
  text: string;
  action: string;
  /** What it changes; an empty list says that nothing does. */
  changes?: readonly Change[];
  nothing?: string;
  hasNote?: boolean;
  /** Gives an error that is to be shown. */
  onConfirm: (note: string) => Promise<{ error?: unknown } | undefined>;
  onClose: () => void;
}

function Changed({ changes, nothing }: Pick<DeedDialogProps, "changes" | "nothing">): ReactNode {
  if (!changes) return null;
  if (changes.length === 0) return nothing && <Notice>{nothing}</Notice>;
  return (
    <div className="rounded-md border border-line p-4">
      <ChangesView changes={changes} />
    </div>
  );
}

/** A deed whose effect is shown before it is done. */
export function DeedDialog(props: DeedDialogProps) {
  const { title, text, action, changes, nothing, hasNote, onConfirm, onClose } = props;
  const { t } = useTranslation(["configure", "common"]);
  const { form, refusal, isPending } = useSubmit<"note">(({ note }) => onConfirm(note ?? ""));
  return (
    <Dialog isOpen size="md" title={title} onClose={onClose}>
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <p className="text-soft">{text}</p>
        <Changed changes={changes} nothing={nothing} />
        {hasNote && (
          <Field
            name="note"
            autoComplete="off"
            maxLength={NOTE_MOST}
            label={t("note")}
            hint={t("note_hint")}
          />
        )}
        <DialogActions>
          <Button variant="secondary" onPress={onClose}>
            {t("common:cancel")}
          </Button>
          <Button type="submit" isPending={isPending}>
            {action}
          </Button>
        </DialogActions>
      </Form>
    </Dialog>
  );
}
