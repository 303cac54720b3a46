import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as AriaDialog } from "react-aria-components/Dialog";
import { Heading } from "react-aria-components/Heading";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { classes } from "./classes";

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Must be answered: a click beside it does not close it. */
  isAlert?: boolean;
  size?: "sm" | "md" | "lg";
  children: ReactNode;
}

const WIDTHS = { sm: "sm:max-w-md", md: "sm:max-w-xl", lg: "sm:max-w-4xl" };

/** On a phone it comes from below and fills the width. */
export function Dialog({ title, isOpen, onClose, isAlert, size = "sm", children }: DialogProps) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!isAlert}
      className="fixed inset-0 z-40 flex items-end justify-center bg-veil sm:items-center sm:p-6"
    >
      <Modal
        className={classes(
          "max-h-[92dvh] w-full overflow-auto rounded-t-lg border border-line bg-surface shadow-2",
          "data-entering:animate-enter sm:rounded-lg",
          WIDTHS[size],
        )}
      >
        <AriaDialog role={isAlert ? "alertdialog" : "dialog"} className="p-5 outline-none sm:p-6">
          <div className="mb-4 flex items-start justify-between gap-4">
            <Heading slot="title" className="text-lg font-semibold">
              {title}
            </Heading>
            {!isAlert && (
              <Button
                variant="quiet"
                size="icon"
                aria-label={t("close")}
                onPress={onClose}
                className="-me-2 -mt-1.5"
              >
                <X aria-hidden className="size-4" />
              </Button>
            )}
          </div>
          {children}
        </AriaDialog>
      </Modal>
    </ModalOverlay>
  );
}

/** What stands at a dialog's foot: the way out first, the deed last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-6 flex flex-wrap justify-end gap-3">{children}</div>;
}
