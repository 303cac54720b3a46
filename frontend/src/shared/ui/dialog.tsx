import { X } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import { classes } from "./classes";
import { Overlay } from "./overlay";

interface DialogProps {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** Must be answered: a click beside it does not close it. */
  isAlert?: boolean;
  /** Only its own buttons close it: what it shows is not shown again. */
  isHeld?: boolean;
  size?: "sm" | "md" | "lg";
  children: ReactNode;
}

const WIDTHS = { sm: "sm:max-w-md", md: "sm:max-w-xl", lg: "sm:max-w-4xl" };

/** On a phone it comes from below and fills the width. */
export function Dialog({
  title,
  isOpen,
  onClose,
  isAlert,
  isHeld,
  size = "sm",
  children,
}: DialogProps) {
  const { t } = useTranslation();
  const titleId = useId();
  if (!isOpen) return null;
  return (
    <Overlay
      role={isAlert ? "alertdialog" : "dialog"}
      aria-labelledby={titleId}
      isDismissable={!isAlert}
      isHeld={isHeld}
      onClose={onClose}
      veil="items-end justify-center sm:items-center sm:p-6"
      className={classes(
        "max-h-[92dvh] w-full overflow-auto rounded-t-lg border border-line bg-surface shadow-2",
        "data-entering:animate-enter sm:rounded-lg",
        WIDTHS[size],
      )}
      inside="p-5 sm:p-6"
    >
      <div className="mb-4 flex items-start justify-between gap-4">
        <h2 id={titleId} className="text-lg font-semibold">
          {title}
        </h2>
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
    </Overlay>
  );
}

/** What stands at a dialog's foot: the way out first, the deed last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return <div className="mt-6 flex flex-wrap justify-end gap-3">{children}</div>;
}
