import { useTranslation } from "react-i18next";
import type { Message } from "@/shared/api/inside";
import { Notice, Skeleton } from "@/shared/ui";

/** What there is to say about an answer beside its text: why it failed, what it may miss. */
export function MessageStatus({ message }: { message: Message }) {
  const { t } = useTranslation("chat");
  if (message.status === "failed") {
    return (
      <div className="mt-3">
        <Notice tone="danger">
          <strong className="font-semibold">{t("failed")}</strong>{" "}
          {message.error?.detail ?? t("failed_unknown")}
        </Notice>
      </div>
    );
  }
  return (
    <>
      {message.status === "stopped" && (
        <p className="mt-3 text-sm text-faint">
          {message.content ? t("stopped") : t("stopped_empty")}
        </p>
      )}
      {message.degraded && (
        <div className="mt-3">
          <Notice tone="warning">{t("degraded")}</Notice>
        </div>
      )}
    </>
  );
}

/** Between the question and the first word. */
export function Searching() {
  const { t } = useTranslation("chat");
  return (
    <div className="flex flex-col gap-2.5 py-1">
      <p className="text-sm text-faint">{t("searching")}</p>
      <Skeleton className="h-3.5 w-11/12" />
      <Skeleton className="h-3.5 w-3/4" />
    </div>
  );
}

/** Which model answered, and which were asked before it. */
export function ModelLine({ message }: { message: Message }) {
  const { t } = useTranslation("chat");
  if (!message.model) return null;
  const before = message.fallbacks.map(({ model, code }) => t("fallback", { model, code }));
  return (
    <p className="text-xs text-faint">
      {[t("answered_by", { model: message.model }), ...before].join(" · ")}
    </p>
  );
}
