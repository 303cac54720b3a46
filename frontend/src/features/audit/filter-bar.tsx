import { useTranslation } from "react-i18next";
import { Button, Field } from "@/shared/ui";
import { Select } from "@/shared/ui/select";
import { useActors } from "./actors";
import { KINDS, useFilters } from "./filters";

const ID_MOST = 60;

/** Whom the address names, though they are gone, stays a choice. */
function withOne(choices: { id: string; name: string }[], id: string) {
  return id === "" || choices.some((one) => one.id === id)
    ? choices
    : [...choices, { id, name: id }];
}

export function FilterBar() {
  const { t } = useTranslation("audit");
  const { filters, set, clear, isFiltered } = useFilters();
  const actors = useActors();
  return (
    <search aria-label={t("filters")} className="grid grid-cols-2 items-end gap-3 lg:grid-cols-5">
      <Select
        label={t("kind")}
        className="col-span-2 sm:col-span-1"
        choices={[
          { id: "all", name: t("kind_all") },
          ...KINDS.map((id) => ({ id, name: t(`kind_${id}`) })),
        ]}
        value={filters.kind ?? "all"}
        onChange={(kind) => set({ kind: kind === "all" ? "" : kind })}
      />
      <Select
        label={t("actor")}
        className="col-span-2 sm:col-span-1"
        choices={[{ id: "all", name: t("actor_all") }, ...withOne(actors.choices, filters.actor)]}
        value={filters.actor || "all"}
        onChange={(actor) => set({ actor: actor === "all" ? "" : actor })}
      />
      <Target key={filters.target} target={filters.target} onChange={(target) => set({ target })} />
      <Field
        type="date"
        label={t("from")}
        value={filters.from}
        onChange={(from) => set({ from })}
      />
      <Field type="date" label={t("to")} value={filters.to} onChange={(to) => set({ to })} />
      {isFiltered && (
        <div>
          <Button variant="quiet" size="sm" onPress={clear}>
            {t("clear")}
          </Button>
        </div>
      )}
    </search>
  );
}

/** An id is typed or pasted whole: it is looked for when that is done. */
function Target({ target, onChange }: { target: string; onChange: (target: string) => void }) {
  const { t } = useTranslation("audit");
  const commit = (text: string) => text.trim() !== target && onChange(text.trim());
  return (
    <Field
      label={t("target")}
      className="col-span-2 lg:col-span-1"
      placeholder={t("target_example")}
      autoComplete="off"
      maxLength={ID_MOST}
      defaultValue={target}
      onBlur={(event) => commit((event.target as HTMLInputElement).value)}
      onKeyDown={(event) =>
        event.key === "Enter" && commit((event.target as HTMLInputElement).value)
      }
    />
  );
}
