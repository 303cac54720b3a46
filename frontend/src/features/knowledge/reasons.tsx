import { CircleHelp } from "lucide-react";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Document, useGetDiagnosisQuery } from "@/shared/api/inside";
import { Button, Loading, Skeleton } from "@/shared/ui";
import { Popover } from "@/shared/ui/popover";
import { useProblemText } from "@/shared/use-problem-text";

/** Why a document is where it is, and what to do, in the API's own words. */
export function Reasons({ documentId }: { documentId: string }) {
  const { t } = useTranslation();
  const textOf = useProblemText();
  const { data, error } = useGetDiagnosisQuery({ documentId });
  if (error) return <p>{textOf(error)}</p>;
  if (!data) {
    return (
      <Loading label={t("loading")}>
        <Skeleton className="mb-2 h-4 w-full" />
        <Skeleton className="h-4 w-2/3" />
      </Loading>
    );
  }
  return (
    <div className="flex flex-col gap-2">
      {data.reasons.map(({ code, detail }, index) => (
        <p key={code} className={index === 0 ? "font-medium" : ""}>
          {detail}
        </p>
      ))}
    </div>
  );
}

interface WhyProps {
  document: Document;
  /** Absent for those who may not. */
  onRetry?: () => void;
}

export function Why({ document, onRetry }: WhyProps) {
  const { t } = useTranslation("knowledge");
  const name = t("why_of", { title: document.title });
  const button = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = () => setOpen(false);
  const retry = () => {
    close();
    onRetry?.();
  };
  return (
    <>
      <Button
        ref={button}
        variant="quiet"
        size="sm"
        aria-label={name}
        aria-haspopup="dialog"
        aria-expanded={isOpen}
        className="-ms-1 px-2"
        onPress={() => setOpen(true)}
      >
        <CircleHelp aria-hidden className="size-4" />
        {t("why")}
      </Button>
      {isOpen && (
        <Popover label={name} button={button} className="w-80 max-w-[90vw]" onClose={close}>
          <Reasons documentId={document.id} />
          {onRetry && (
            <Button size="sm" className="mt-4" onPress={retry}>
              {t("retry")}
            </Button>
          )}
        </Popover>
      )}
    </>
  );
}
