import { X } from "lucide-react";
import { type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";
import { Overlay } from "@/shared/ui/overlay";

interface SheetProps {
  title: string;
  side: "start" | "end";
  onClose: () => void;
  children: ReactNode;
}

/** What stands beside the chat where there is room comes over it where there is none. */
export function Sheet({ title, side, onClose, children }: SheetProps) {
  const titleId = useId();
  return (
    <Overlay
      aria-labelledby={titleId}
      onClose={onClose}
      veil={side === "end" ? "justify-end" : "justify-start"}
      className={`h-dvh w-full bg-surface shadow-2 data-entering:animate-enter ${side === "end" ? "sm:max-w-xl" : "max-w-80"}`}
      inside="flex h-full flex-col"
    >
      <PanelHead titleId={titleId} title={title} onClose={onClose} />
      <div className="min-h-0 grow overflow-y-auto">{children}</div>
    </Overlay>
  );
}

interface PanelHeadProps {
  titleId: string;
  title: string;
  onClose: () => void;
}

export function PanelHead({ titleId, title, onClose }: PanelHeadProps) {
  const { t } = useTranslation();
  return (
    <header className="flex items-center gap-3 border-b border-line px-5 py-3">
      <h2 id={titleId} className="min-w-0 grow truncate font-semibold">
        {title}
      </h2>
      <Button
        variant="quiet"
        size="icon"
        className="-me-2"
        aria-label={t("close")}
        onPress={onClose}
      >
        <X aria-hidden className="size-4" />
      </Button>
    </header>
  );
}
