import { useTranslation } from "react-i18next";
import { Button, Notice } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import type { Answering } from "./use-answering";

interface TroubleProps {
  answering: Answering;
  /** Take the question back into the composer. */
  onEdit: (question: string) => void;
}

/** What went wrong, and what to do about it; the question is never lost. */
export function Trouble({ answering, onEdit }: TroubleProps) {
  const { t } = useTranslation(["playground", "common"]);
  const textOf = useProblemText();
  const { failed, error, isCut, begin, leave } = answering;
  if (!failed) {
    return isCut ? (
      <Frame>
        <Notice tone="warning">{t("reconnecting")}</Notice>
      </Frame>
    ) : null;
  }
  const isAsked = failed.kind === "ask";
  return (
    <Frame>
      <Notice tone="danger">
        <p>
          <strong className="font-semibold">{t(`failed_${failed.kind}`)}</strong> {textOf(error)}
        </p>
        <div className="mt-2 flex flex-wrap gap-2">
          <Button size="sm" variant="secondary" onPress={() => begin(failed)}>
            {t(failed.kind === "follow" ? "go_on" : "common:try_again")}
          </Button>
          {isAsked && (
            <Button
              size="sm"
              variant="secondary"
              onPress={() => {
                leave();
                onEdit(failed.content);
              }}
            >
              {t("edit")}
            </Button>
          )}
        </div>
      </Notice>
    </Frame>
  );
}

function Frame({ children }: { children: React.ReactNode }) {
  return <div className="mx-auto w-full max-w-3xl px-4 pb-1 sm:px-6">{children}</div>;
}
