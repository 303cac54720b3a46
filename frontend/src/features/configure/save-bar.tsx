import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";

interface SaveBarProps {
  count: number;
  isSaving: boolean;
  onSave: () => void;
  onDiscard: () => void;
}

/** Ctrl+Enter, or Cmd+Enter on a Mac; heard before any field, for some keep Enter to themselves. */
function useSaveKey(onSave: () => void) {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      onSave();
    };
    document.addEventListener("keydown", listen, true);
    return () => document.removeEventListener("keydown", listen, true);
  }, [onSave]);
}

/** There while something is not saved; it stays at the window's foot. */
export function SaveBar({ count, isSaving, onSave, onDiscard }: SaveBarProps) {
  const { t } = useTranslation(["configure", "common"]);
  useSaveKey(onSave);
  return (
    <div
      data-foot
      className="sticky bottom-3 z-20 mt-4 flex animate-enter flex-wrap items-center justify-between gap-3 rounded-lg border border-line-strong/60 bg-surface py-2.5 ps-4 pe-2.5 shadow-2"
    >
      <p role="status" className="text-sm font-medium">
        {t("unsaved", { count })}
      </p>
      <div className="flex gap-2">
        <Button variant="quiet" onPress={onDiscard}>
          {t("discard")}
        </Button>
        <Button isPending={isSaving} onPress={onSave} aria-keyshortcuts="Control+Enter Meta+Enter">
          {t("common:save")}
        </Button>
      </div>
    </div>
  );
}
