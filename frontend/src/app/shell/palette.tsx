import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Overlay } from "@/shared/ui/overlay";
import { itemStyles } from "@/shared/ui/popover-styles";
import { type Command, type CommandGroup, useCommands } from "./commands";

/** Every word of the query, in any order. */
function matching(groups: readonly CommandGroup[], query: string): CommandGroup[] {
  const words = query.toLocaleLowerCase().split(/\s+/);
  const fits = ({ name }: Command) => {
    const text = name.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  };
  return groups
    .map((group) => ({ ...group, commands: group.commands.filter(fits) }))
    .filter(({ commands }) => commands.length > 0);
}

/** Where a key leads from the command that is marked: round and round. */
function moved(key: string, at: number, count: number): number | null {
  if (key === "ArrowDown") return (at + 1) % count;
  if (key === "ArrowUp") return (at - 1 + count) % count;
  return null;
}

interface RowProps {
  command: Command;
  id: string;
  isMarked: boolean;
  onMark: () => void;
  onRun: () => void;
}

function Row({ command, id, isMarked, onMark, onRun }: RowProps) {
  const { icon: Icon, name } = command;
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the marked one
    // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are the field's
    <div
      role="option"
      id={id}
      aria-selected={isMarked}
      onPointerMove={onMark}
      onClick={onRun}
      className={`${itemStyles} min-h-10 aria-selected:bg-hover`}
    >
      <Icon aria-hidden className="size-4 shrink-0 text-faint" />
      <span className="min-w-0 truncate">{name}</span>
    </div>
  );
}

interface ListProps {
  id: string;
  groups: readonly CommandGroup[];
  marked: Command | undefined;
  onMark: (command: Command) => void;
  onRun: (command: Command) => void;
}

const idOf = (list: string, command: Command) => `${list}-${command.id}`;

function List({ id, groups, marked, onMark, onRun }: ListProps) {
  const { t } = useTranslation("shell");
  return (
    <div
      id={id}
      role="listbox"
      aria-label={t("commands")}
      className="max-h-[60dvh] overflow-y-auto p-2 sm:max-h-96"
    >
      {groups.map((group) => (
        // biome-ignore lint/a11y/useSemanticElements: a listbox has groups, a fieldset is of a form
        <div key={group.id} role="group" aria-label={t(`group_${group.id}`)} className="pb-1">
          <p aria-hidden className="px-2.5 pt-2 pb-1 text-xs font-medium text-faint">
            {t(`group_${group.id}`)}
          </p>
          {group.commands.map((command) => (
            <Row
              key={command.id}
              id={idOf(id, command)}
              command={command}
              isMarked={command.id === marked?.id}
              onMark={() => onMark(command)}
              onRun={() => onRun(command)}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

/** What is typed, what fits it, and which of that Enter takes. */
function useChoice(onHelp: () => void) {
  const [query, setQuery] = useState("");
  const [markedId, mark] = useState<string | null>(null);
  const groups = matching(useCommands(onHelp), query);
  const all = groups.flatMap(({ commands }) => commands);
  const at = Math.max(
    all.findIndex(({ id }) => id === markedId),
    0,
  );
  const type = (text: string) => {
    setQuery(text);
    mark(null);
  };
  return { query, type, groups, all, at, marked: all[at], mark };
}

interface FieldProps {
  list: string;
  markedId: string | undefined;
  query: string;
  onType: (query: string) => void;
  onKeyDown: (event: KeyboardEvent) => void;
}

function Query({ list, markedId, query, onType, onKeyDown }: FieldProps) {
  const { t } = useTranslation("shell");
  return (
    <div className="flex items-center gap-3 border-b border-line px-4">
      <Search aria-hidden className="size-4 shrink-0 text-faint" />
      <input
        // biome-ignore lint/a11y/noAutofocus: it was opened to be typed in
        autoFocus
        role="combobox"
        aria-label={t("palette")}
        aria-expanded
        aria-controls={list}
        aria-activedescendant={markedId}
        aria-autocomplete="list"
        autoComplete="off"
        spellCheck={false}
        placeholder={t("palette_hint")}
        value={query}
        onChange={(event) => onType(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-13 w-full bg-transparent text-base outline-none placeholder:text-faint focus-visible:outline-none"
      />
    </div>
  );
}

interface PaletteProps {
  onClose: () => void;
  onHelp: () => void;
}

function Choice({ onClose, onHelp }: PaletteProps) {
  const { t } = useTranslation("shell");
  const list = useId();
  const { query, type, groups, all, at, marked, mark } = useChoice(onHelp);
  const markedId = marked && idOf(list, marked);
  useEffect(() => {
    if (markedId) document.getElementById(markedId)?.scrollIntoView?.({ block: "nearest" });
  }, [markedId]);
  const run = (command: Command | undefined) => {
    if (command) onClose();
    command?.run();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const next = moved(event.key, at, all.length);
    if (event.nativeEvent.isComposing || (next === null && event.key !== "Enter")) return;
    event.preventDefault();
    if (next === null) run(marked);
    else mark(all[next]?.id ?? null);
  };
  return (
    <>
      <Query {...{ list, markedId, query, onKeyDown }} onType={type} />
      <List id={list} groups={groups} marked={marked} onMark={({ id }) => mark(id)} onRun={run} />
      <p role="status" className={all.length ? "sr-only" : "px-3 pt-6 pb-10 text-center text-soft"}>
        {all.length === 0 && t("nothing_found")}
      </p>
    </>
  );
}

/** Go anywhere and do anything by typing a part of its name. */
export function Palette(props: PaletteProps) {
  const { t } = useTranslation("shell");
  return (
    <Overlay
      aria-label={t("palette")}
      onClose={props.onClose}
      veil="items-start justify-center p-3 sm:p-6 sm:pt-[12dvh]"
      className="w-full max-w-xl overflow-hidden rounded-lg border border-line bg-surface shadow-2 data-entering:animate-enter"
    >
      <Choice {...props} />
    </Overlay>
  );
}
