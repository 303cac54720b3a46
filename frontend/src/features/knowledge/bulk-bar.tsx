import { RotateCw, Tag, Trash2, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Document } from "@/shared/api/inside";
import { Button } from "@/shared/ui";
import type { RowDeeds } from "./document-row";
import { isBusy } from "./merge";

interface BulkBarProps {
  documents: readonly Document[];
  deeds: RowDeeds;
  onClear: () => void;
}

/** What can be done with all that are selected; it stays in sight at the foot of the window. */
export function BulkBar({ documents, deeds, onClear }: BulkBarProps) {
  const { t } = useTranslation("knowledge");
  if (documents.length === 0) return null;
  const icon = "size-4";
  const idle = documents.filter((document) => !isBusy(document));
  const then = (deed: () => unknown) => () => {
    deed();
    onClear();
  };
  return (
    <section
      aria-label={t("selection")}
      className="sticky bottom-4 z-20 mx-auto mt-4 flex w-fit max-w-full animate-enter flex-wrap items-center gap-1 rounded-lg border border-line bg-surface p-2 shadow-2"
    >
      <p role="status" className="px-2 text-sm font-medium whitespace-nowrap">
        {t("selected", { count: documents.length })}
      </p>
      <Button
        variant="quiet"
        size="sm"
        isDisabled={idle.length === 0}
        onPress={then(() => void deeds.retry(idle))}
      >
        <RotateCw aria-hidden className={icon} />
        {t("reprocess")}
      </Button>
      <Button variant="quiet" size="sm" onPress={() => deeds.label(documents)}>
        <Tag aria-hidden className={icon} />
        {t("label")}
      </Button>
      <Button variant="quiet" size="sm" onPress={then(() => deeds.remove(documents))}>
        <Trash2 aria-hidden className={`${icon} text-danger`} />
        {t("delete")}
      </Button>
      <Button variant="quiet" size="icon" aria-label={t("select_none")} onPress={onClear}>
        <X aria-hidden className={icon} />
      </Button>
    </section>
  );
}
