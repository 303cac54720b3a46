import { Download, ShieldCheck } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDownloadMutation } from "@/shared/api/download";
import { type AuditVerification, useVerifyAuditEventsQuery } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Button, Card, Notice } from "@/shared/ui";
import { CopyField } from "@/shared/ui/copy";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";

/** Each entry carries the hash of the one before: whether any was changed can be computed, and is when asked. */
export function Chain() {
  const { t } = useTranslation("audit");
  const textOf = useProblemText();
  const [isAsked, setAsked] = useState(false);
  const { data, error, isFetching, refetch } = useVerifyAuditEventsQuery(undefined, {
    skip: !isAsked,
    refetchOnMountOrArgChange: true,
  });
  return (
    <Card className="flex flex-col gap-4 p-5">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="min-w-0 flex-1 basis-72 text-sm text-soft">{t("chain_lead")}</p>
        <div className="flex flex-wrap gap-3">
          <Button
            variant="secondary"
            isPending={isFetching}
            onPress={() => (isAsked ? void refetch() : setAsked(true))}
          >
            <ShieldCheck aria-hidden className="size-4" />
            {t("chain_check")}
          </Button>
          <Export />
        </div>
      </div>
      {Boolean(error) && <Notice tone="danger">{textOf(error)}</Notice>}
      {data && <State verification={data} />}
    </Card>
  );
}

function State({ verification }: { verification: AuditVerification }) {
  const { t } = useTranslation("audit");
  const format = useFormat();
  const { intact, entries, head, first_break } = verification;
  if (!intact) {
    return (
      <Notice tone="danger">{t("chain_broken", { seq: format.number(first_break ?? 0) })}</Notice>
    );
  }
  return (
    <>
      <Notice tone="success">{t("chain_intact", { count: entries })}</Notice>
      {entries > 0 && (
        <>
          <CopyField label={t("chain_head")} value={head} />
          <p className="text-sm text-soft">{t("chain_head_hint")}</p>
        </>
      )}
    </>
  );
}

function Export() {
  const { t } = useTranslation(["audit", "common"]);
  const textOf = useProblemText();
  const [download, { isLoading }] = useDownloadMutation();
  const take = async () => {
    const url = "/api/v1/audit_events/export";
    const { error } = await download({ url, name: "audit_events.ndjson" });
    if (error) notify.error(t("common:download_failed"), { description: textOf(error) });
    else notify.success(t("exported"), { description: t("exported_next") });
  };
  return (
    <Button variant="secondary" isPending={isLoading} onPress={() => void take()}>
      <Download aria-hidden className="size-4" />
      {t("export")}
    </Button>
  );
}
