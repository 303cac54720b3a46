import { FileSearch } from "lucide-react";
import { useTranslation } from "react-i18next";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { EmptyState, LinkButton } from "@/shared/ui";
import { MODES } from "./modes";

/** Before the first question: what will be seen. */
export function Start() {
  const { t } = useTranslation("retrieval");
  return (
    <dl className="grid grid-cols-1 gap-x-6 gap-y-4 rounded-lg border border-dashed border-line-strong/60 p-6 sm:grid-cols-3">
      {MODES.map((mode) => (
        <div key={mode}>
          <dt className="font-medium">{t(`mode_${mode}`)}</dt>
          <dd className="mt-1 text-sm text-soft">{t(`mode_${mode}_more`)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** No document can be searched yet. */
export function NoDocuments({ botId }: { botId: string }) {
  const { t } = useTranslation("retrieval");
  const { may } = useSession();
  const isAllowed = may("editor");
  return (
    <EmptyState
      icon={<FileSearch aria-hidden className="size-6" />}
      title={t("empty_title")}
      action={
        isAllowed && <LinkButton to={paths.knowledge(botId)}>{t("add_documents")}</LinkButton>
      }
    >
      {isAllowed ? t("empty_text") : t("empty_text_viewer")}
    </EmptyState>
  );
}
