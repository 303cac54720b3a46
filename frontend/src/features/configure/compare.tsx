import { useTranslation } from "react-i18next";
import { Card } from "@/shared/ui";
import { Select } from "@/shared/ui/select";
import { ChangesView } from "./changes-view";
import { changesBetween, type History, type Side } from "./use-versions";

interface CompareProps {
  history: History;
  from: Side;
  to: Side;
  onCompare: (from: Side, to: Side) => void;
}

const sideFrom = (id: string): Side => (id === "draft" ? "draft" : Number(id));

/** What differs between any two. */
export function Compare({ history, from, to, onCompare }: CompareProps) {
  const { t } = useTranslation("configure");
  const changes = changesBetween(history, from, to);
  const choices = [
    { id: "draft", name: t("draft") },
    ...history.versions.map(({ number }) => ({
      id: String(number),
      name: t("version", { version: number }),
    })),
  ];
  return (
    <section aria-labelledby="compare" className="min-w-0">
      <Card className="p-5">
        <div className="mb-5 flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
          <h2 id="compare" className="text-lg font-semibold">
            {t("compare_title")}
          </h2>
          <p role="status" className="text-sm text-faint">
            {t("changes_count", { count: changes.length })}
          </p>
        </div>
        <div className="mb-6 grid gap-4 min-[26rem]:grid-cols-2">
          <Select
            label={t("compare_from")}
            choices={choices}
            value={String(from)}
            onChange={(id) => onCompare(sideFrom(id), to)}
          />
          <Select
            label={t("compare_to")}
            choices={choices}
            value={String(to)}
            onChange={(id) => onCompare(from, sideFrom(id))}
          />
        </div>
        {changes.length > 0 ? (
          <ChangesView changes={changes} />
        ) : (
          <p className="text-soft">{t("compare_none")}</p>
        )}
      </Card>
    </section>
  );
}
