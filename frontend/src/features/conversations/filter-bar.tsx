import { SlidersHorizontal } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Conversation } from "@/shared/api/inside";
import { useSession } from "@/shared/session";
import { Button, Field } from "@/shared/ui";
import { SearchField } from "@/shared/ui/search-field";
import { Select } from "@/shared/ui/select";
import { type FilterName, type Filters, RATINGS, STATUSES, UNFILTERED } from "./filters";
import { useWhoText } from "./who";

const QUIET_MS = 300;

interface FilterProps {
  filters: Filters;
  change: (what: Partial<Record<FilterName, string>>) => void;
}

interface FilterBarProps extends FilterProps {
  conversations: readonly Conversation[];
}

/** What is typed is searched for when the typing rests. */
function SearchWords({ filters, change }: FilterProps) {
  const { t } = useTranslation(["conversations", "common"]);
  const sought = filters.q ?? "";
  const [text, setText] = useState(sought);
  useEffect(() => setText((now) => (now.trim() === sought ? now : sought)), [sought]);
  useEffect(() => {
    if (text.trim() === sought) return;
    const timer = setTimeout(() => change({ q: text.trim() }), QUIET_MS);
    return () => clearTimeout(timer);
  }, [text, sought, change]);
  return (
    <SearchField
      className="min-w-0 grow sm:max-w-md"
      label={t("search")}
      clearLabel={t("common:clear_search")}
      value={text}
      onChange={setText}
    />
  );
}

/** Myself, and whoever else began one of those that are shown: people and keys. */
function useStarters({
  filters,
  conversations,
}: Pick<FilterBarProps, "filters" | "conversations">) {
  const { user } = useSession();
  const textOf = useWhoText();
  const names = new Map<string, string>();
  if (user) names.set(user.id, textOf({ id: user.id, kind: "user", name: null }));
  for (const { started_by: who } of conversations) {
    if (who && who.kind !== "visitor") names.set(who.id, textOf(who));
  }
  if (filters.who && !names.has(filters.who)) names.set(filters.who, filters.who);
  return [...names].map(([id, name]) => ({ id, name }));
}

function Panel({ id, filters, change, conversations }: FilterBarProps & { id: string }) {
  const { t } = useTranslation("conversations");
  const starters = useStarters({ filters, conversations });
  const any = { id: "", name: t("any") };
  const choose = (name: Exclude<FilterName, "q">) => ({
    label: t(`filter_${name}`),
    value: filters[name] ?? "",
    onChange: (value: string) => change({ [name]: value }),
    className: "min-w-0",
  });
  return (
    <div
      id={id}
      className="mt-3 grid grid-cols-1 gap-4 rounded-lg border border-line bg-surface p-4 min-[26rem]:grid-cols-2 lg:grid-cols-3"
    >
      <Select
        {...choose("status")}
        choices={[any, ...STATUSES.map((one) => ({ id: one, name: t(`status_${one}`) }))]}
      />
      <Select
        {...choose("feedback")}
        choices={[any, ...RATINGS.map((one) => ({ id: one, name: t(`rating_${one}`) }))]}
      />
      <Select {...choose("who")} choices={[{ id: "", name: t("anyone") }, ...starters]} />
      <Field type="date" {...choose("from")} />
      <Field type="date" {...choose("to")} />
      <Select {...choose("degraded")} choices={[any, { id: "true", name: t("degraded_only") }]} />
    </div>
  );
}

export function FilterBar({ filters, change, conversations }: FilterBarProps) {
  const { t } = useTranslation("conversations");
  const id = useId();
  const count = Object.keys(filters).filter((name) => name !== "q").length;
  const [isOpen, setOpen] = useState(false);
  return (
    <search className="mb-5 block">
      <div className="flex flex-wrap items-center gap-2">
        <SearchWords filters={filters} change={change} />
        <Button
          variant="secondary"
          aria-expanded={isOpen}
          aria-controls={isOpen ? id : undefined}
          onPress={() => setOpen(!isOpen)}
        >
          <SlidersHorizontal aria-hidden className="size-4" />
          {count > 0 ? t("filters_set", { count }) : t("filters")}
        </Button>
        {count > 0 && (
          <Button variant="quiet" onPress={() => change(UNFILTERED)}>
            {t("clear_filters")}
          </Button>
        )}
      </div>
      {isOpen && <Panel {...{ id, filters, change, conversations }} />}
    </search>
  );
}
