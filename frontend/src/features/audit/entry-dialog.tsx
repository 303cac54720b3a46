import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { AuditEvent } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Button } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { useActors } from "./actors";
import { textKeyOf, useFilters } from "./filters";

interface EntryDialogProps {
  entry: AuditEvent;
  onClose: () => void;
}

/** All that is known of an entry, and ways to others of the same. */
export function EntryDialog({ entry, onClose }: EntryDialogProps) {
  const { t } = useTranslation("audit");
  const { set } = useFilters();
  const only = (filter: { actor: string } | { target: string }) => {
    onClose();
    set(filter);
  };
  return (
    <Dialog isOpen size="md" title={t(textKeyOf(entry.action))} onClose={onClose}>
      <Facts entry={entry} />
      <DialogActions>
        {entry.actor.id !== "" && (
          <Button variant="secondary" onPress={() => only({ actor: entry.actor.id })}>
            {t("only_actor")}
          </Button>
        )}
        <Button variant="secondary" onPress={() => only({ target: entry.subject.id })}>
          {t("only_target")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}

function Facts({ entry }: { entry: AuditEvent }) {
  const { t } = useTranslation("audit");
  const format = useFormat();
  const { nameOf } = useActors();
  const { actor, subject } = entry;
  const changed = Object.entries(entry.data);
  return (
    <dl className="grid gap-x-6 gap-y-3 text-sm sm:grid-cols-[9rem_minmax(0,1fr)]">
      <Fact name={t("at")}>{format.moment(entry.at)}</Fact>
      <Fact name={t("actor")}>
        {nameOf(actor)}
        <Code>{actor.id}</Code>
      </Fact>
      <Fact name={t("target")}>
        <Code>{subject.id}</Code>
      </Fact>
      {changed.map(([name, value]) => (
        <Fact key={name} name={name}>
          {value === null ? t("none") : String(value)}
        </Fact>
      ))}
      {entry.address && <Fact name={t("address")}>{entry.address}</Fact>}
      {entry.request_id && (
        <Fact name={t("request")}>
          <Code>{entry.request_id}</Code>
        </Fact>
      )}
      <Fact name={t("seq")}>{format.number(entry.seq)}</Fact>
      <Fact name={t("hash")}>
        <Code>{entry.hash}</Code>
      </Fact>
      <Fact name={t("previous_hash")}>
        <Code>{entry.previous_hash}</Code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-faint">{name}</dt>
      <dd className="min-w-0 -mt-2 sm:mt-0">{children}</dd>
    </>
  );
}

function Code({ children }: { children: string }) {
  return <code className="block font-mono text-xs break-all text-soft">{children}</code>;
}
