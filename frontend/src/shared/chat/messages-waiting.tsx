import { useTranslation } from "react-i18next";
import { Skeleton } from "@/shared/ui";

const WIDTHS = ["ms-auto w-2/5 h-11", "w-full h-24", "ms-auto w-1/3 h-11", "w-full h-32"];

/** Before the first messages are there. */
export function MessagesWaiting() {
  const { t } = useTranslation("chat");
  return (
    <div role="status" aria-busy="true" className="min-h-0 grow overflow-hidden">
      <span className="sr-only">{t("loading")}</span>
      <div aria-hidden className="mx-auto flex w-full max-w-3xl flex-col gap-6 px-4 py-6 sm:px-6">
        {WIDTHS.map((width) => (
          <Skeleton key={width} className={`rounded-lg ${width}`} />
        ))}
      </div>
    </div>
  );
}
