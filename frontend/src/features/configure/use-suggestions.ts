import { type KeyboardEvent, useRef, useState } from "react";
import type { ModelChoice } from "@/shared/api/inside";

interface Options {
  models: readonly ModelChoice[];
  value: string;
  onChange: (value: string) => void;
  isReadOnly?: boolean;
}

/** All of them, where one asks to see them; what fits, where one types. */
type Opened = "all" | "fitting" | null;

function fitting(models: readonly ModelChoice[], text: string): readonly ModelChoice[] {
  const sought = text.trim().toLocaleLowerCase();
  return models.filter(({ id, name }) => `${id} ${name}`.toLocaleLowerCase().includes(sought));
}

/** Where a key leads from the one that is marked: round and round. */
function moved(key: string, at: number, count: number): number {
  if (key === "ArrowDown") return (at + 1) % count;
  return (at <= 0 ? count : at) - 1;
}

function useOpened({ models, value, isReadOnly }: Options) {
  const [opened, setOpened] = useState<Opened>(null);
  const [markedId, setMarked] = useState<string | null>(null);
  const shown = opened === "fitting" ? fitting(models, value) : models;
  const open = (how: Opened) => {
    setMarked(how === "all" ? value : null);
    setOpened(isReadOnly ? null : how);
  };
  const isOpen = opened !== null && shown.length > 0;
  const usable = shown.filter(({ configured }) => configured);
  const at = isOpen ? usable.findIndex(({ id }) => id === markedId) : -1;
  const mark = ({ id, configured }: ModelChoice) => configured && setMarked(id);
  return { shown, isOpen, usable, at, marked: usable[at], mark, open };
}

/** A field that suggests: what is shown under it, which is marked, and what the keys do. */
export function useSuggestions(options: Options) {
  const { onChange } = options;
  const field = useRef<HTMLInputElement>(null);
  const { shown, isOpen, usable, at, marked, mark, open } = useOpened(options);
  const close = () => open(null);
  const choose = ({ id, configured }: ModelChoice) => {
    if (!configured) return;
    onChange(id);
    close();
  };
  const go = (key: string) => {
    if (!isOpen) return open("all");
    const next = usable[moved(key, at, usable.length)];
    if (next) mark(next);
  };
  const whileOpen: Record<string, (() => void) | undefined> = {
    Escape: close,
    Enter: marked && (() => choose(marked)),
  };
  const deedOf = (key: string): (() => void) | undefined => {
    if (key === "ArrowDown" || key === "ArrowUp") return () => go(key);
    return isOpen ? whileOpen[key] : undefined;
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const isOther = event.nativeEvent.isComposing || event.ctrlKey || event.metaKey;
    const deed = isOther ? undefined : deedOf(event.key);
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  };
  const type = (text: string) => {
    onChange(text);
    open("fitting");
  };
  const toggle = () => {
    field.current?.focus();
    open(isOpen ? null : "all");
  };
  return { field, shown, isOpen, marked, mark, choose, close, toggle, type, onKeyDown };
}
