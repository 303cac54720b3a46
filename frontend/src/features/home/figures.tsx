import { useTranslation } from "react-i18next";
import type { UsageReport } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Card, Loading, Skeleton } from "@/shared/ui";
import { figuresOf } from "./progress";

function Figure({ name, value, note }: { name: string; value: string; note: string }) {
  return (
    <Card className="flex flex-col p-4 sm:p-5">
      <dt className="text-sm text-soft">{name}</dt>
      <dd className="mt-1 text-2xl font-semibold tracking-tight tabular-nums">{value}</dd>
      <dd className="mt-0.5 text-sm text-faint">{note}</dd>
    </Card>
  );
}

const grid = "grid grid-cols-2 gap-3 sm:gap-4 xl:grid-cols-4";

export function Figures({ usage }: { usage: UsageReport }) {
  const { t } = useTranslation("home");
  const format = useFormat();
  const { messages, tokens, documents, bytes } = figuresOf(usage);
  return (
    <section aria-labelledby="figures">
      <h2 id="figures" className="mb-3 text-lg font-semibold">
        {t("figures")}
      </h2>
      <dl className={grid}>
        <Figure name={t("messages")} value={format.number(messages)} note={t("today")} />
        <Figure name={t("tokens")} value={format.number(tokens)} note={t("today")} />
        <Figure name={t("documents")} value={format.number(documents)} note={t("in_all")} />
        <Figure name={t("stored")} value={format.bytes(bytes)} note={t("in_all")} />
      </dl>
    </section>
  );
}

export function FiguresWaiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <Skeleton className="mb-3 h-6 w-40" />
      <Skeleton className="mb-8 h-74 w-full" />
      <div className={grid}>
        {[1, 2, 3, 4].map((n) => (
          <Skeleton key={n} className="h-30 w-full" />
        ))}
      </div>
    </Loading>
  );
}
