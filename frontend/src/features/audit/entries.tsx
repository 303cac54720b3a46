import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEvent } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Table } from "@/shared/ui";
import { useActors } from "./actors";
import { EntryDialog } from "./entry-dialog";
import { textKeyOf } from "./filters";

export function Entries({ entries }: { entries: readonly AuditEvent[] }) {
  const { t } = useTranslation("audit");
  const format = useFormat();
  const { nameOf } = useActors();
  const [opened, setOpened] = useState<AuditEvent | null>(null);
  return (
    <>
      <Table
        label={t("title")}
        rows={entries}
        idOf={({ id }) => id}
        columns={[
          {
            id: "action",
            name: t("action"),
            cell: (entry) => (
              <>
                <button
                  type="button"
                  aria-haspopup="dialog"
                  className="min-h-6 cursor-pointer rounded-sm text-start font-medium underline decoration-line-strong underline-offset-3 hover:decoration-ink"
                  onClick={() => setOpened(entry)}
                >
                  {t(textKeyOf(entry.action))}
                </button>
                <span className="block font-normal text-soft sm:hidden">{nameOf(entry.actor)}</span>
              </>
            ),
          },
          { id: "actor", name: t("actor"), isExtra: true, cell: ({ actor }) => nameOf(actor) },
          {
            id: "subject",
            name: t("target"),
            isExtra: true,
            cell: ({ subject }) => <Code>{subject.id}</Code>,
          },
          {
            id: "at",
            name: t("at"),
            isNumber: true,
            cell: ({ at }) => (
              <span className="inline-block text-balance">{format.moment(at)}</span>
            ),
          },
        ]}
      />
      {opened && <EntryDialog entry={opened} onClose={() => setOpened(null)} />}
    </>
  );
}

function Code({ children }: { children: string }) {
  return <code className="font-mono text-xs text-soft">{children}</code>;
}
