import { FileUp } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { droppedFiles } from "./dropped-files";

const hasFiles = (event: DragEvent) => Boolean(event.dataTransfer?.types.includes("Files"));

/** Files that are dragged over the window, anywhere. */
function useDrop(onFiles: (files: File[]) => void): boolean {
  const [isOver, setOver] = useState(false);
  const latest = useRef(onFiles);
  latest.current = onFiles;
  useEffect(() => {
    // Each element on the way tells of its own entering and leaving: the window is left with the last.
    let depth = 0;
    const count = (by: number) => (event: DragEvent) => {
      if (!hasFiles(event)) return;
      depth += by;
      setOver(depth > 0);
    };
    const allow = (event: DragEvent) => {
      if (hasFiles(event)) event.preventDefault();
    };
    const drop = (event: DragEvent) => {
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      depth = 0;
      setOver(false);
      void droppedFiles(event.dataTransfer).then((files) => latest.current(files));
    };
    const parts = { dragenter: count(1), dragleave: count(-1), dragover: allow, drop };
    for (const [name, listen] of Object.entries(parts)) {
      window.addEventListener(name, listen as EventListener);
    }
    return () => {
      for (const [name, listen] of Object.entries(parts)) {
        window.removeEventListener(name, listen as EventListener);
      }
    };
  }, []);
  return isOver;
}

/** The whole screen takes files. Who cannot drag has the buttons. */
export function DropZone({ onFiles }: { onFiles: (files: File[]) => void }) {
  const { t } = useTranslation("knowledge");
  const isOver = useDrop(onFiles);
  if (!isOver) return null;
  return (
    <div
      aria-hidden
      className="pointer-events-none fixed inset-0 z-50 grid place-items-center bg-veil p-4 sm:p-10"
    >
      <div className="flex size-full animate-enter flex-col items-center justify-center gap-4 rounded-lg border-2 border-dashed border-accent bg-surface text-center">
        <FileUp className="size-10 text-accent" />
        <p className="text-xl font-semibold">{t("drop_title")}</p>
        <p className="max-w-sm px-4 text-soft">{t("drop_text")}</p>
      </div>
    </div>
  );
}
