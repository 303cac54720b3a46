import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { Dialog, DialogActions } from "./dialog";

interface ConfirmDialogProps {
  title: string;
  /** What will be lost, in a sentence. */
  children: ReactNode;
  /** The deed by its name: "Delete the bot". */
  action: string;
  isOpen: boolean;
  isPending?: boolean;
  onConfirm: () => void;
  onClose: () => void;
}

export function ConfirmDialog(props: ConfirmDialogProps) {
  const { t } = useTranslation();
  return (
    <Dialog isAlert title={props.title} isOpen={props.isOpen} onClose={props.onClose}>
      <div className="text-soft">{props.children}</div>
      <DialogActions>
        <Button variant="secondary" autoFocus onPress={props.onClose}>
          {t("cancel")}
        </Button>
        <Button variant="danger" isPending={props.isPending} onPress={props.onConfirm}>
          {props.action}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
