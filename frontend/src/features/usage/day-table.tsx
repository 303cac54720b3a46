import { useTranslation } from "react-i18next";
import type { UsageSum } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Table } from "@/shared/ui";

/** The days on which something was used, newest first. */
export function DayTable({ sums }: { sums: readonly UsageSum[] }) {
  const { t } = useTranslation("usage");
  const format = useFormat();
  const rows = [...sums].sort((a, b) => (b.day ?? "").localeCompare(a.day ?? ""));
  return (
    <Table
      label={t("history")}
      rows={rows}
      idOf={({ day }) => day ?? ""}
      columns={[
        { id: "day", name: t("by_day"), cell: ({ day }) => format.date(day ?? "") },
        {
          id: "messages",
          name: t("messages"),
          isNumber: true,
          cell: ({ messages }) => format.number(messages),
        },
        {
          id: "tokens",
          name: t("tokens"),
          isNumber: true,
          cell: (sum) => format.number(sum.prompt_tokens + sum.completion_tokens),
        },
        {
          id: "documents",
          name: t("documents"),
          isNumber: true,
          isExtra: true,
          cell: ({ documents }) => format.number(documents),
        },
        {
          id: "bytes",
          name: t("bytes"),
          isNumber: true,
          isExtra: true,
          cell: ({ bytes }) => format.bytes(bytes),
        },
      ]}
    />
  );
}
