import { useEffect, useSyncExternalStore } from "react";
import { useNavigate } from "react-router";
import { paths } from "@/shared/paths";
import { useRecentBots } from "@/shared/recent-bots";
import { useBotId } from "./use-places";

const KEPT = "chatsphere-shortcuts";
const SECOND_KEY_MS = 1500;
const TYPED_IN = "input, textarea, select, [contenteditable], [role=textbox], [role=menu]";

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

const areOn = (): boolean => localStorage.getItem(KEPT) !== "off";

export function switchShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, "off");
  for (const listener of listeners) listener();
}

export const useShortcutsOn = (): boolean => useSyncExternalStore(subscribe, areOn);

interface Deeds {
  onPalette: () => void;
  onHelp: () => void;
}

/** Where `g` and a second key lead to. What is a bot's goes to the one in use, else to the last one. */
function placesOf(botId: string | undefined): Record<string, string> {
  return {
    h: paths.home,
    b: paths.bots,
    k: botId ? paths.knowledge(botId) : paths.bots,
    c: botId ? paths.conversations(botId) : paths.bots,
    a: paths.usage,
  };
}

/** The search field of the screen; false where it has none. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>("#main input[type=search]");
  field?.focus();
  field?.select();
  return field !== null;
}

const isTypedIn = ({ target }: KeyboardEvent) =>
  target instanceof Element && target.closest(TYPED_IN) !== null;

/** What is open above the screen has keys of its own. */
const isCovered = () => document.querySelector("[role=dialog], [role=alertdialog]") !== null;

/** The name of a key that may be ours; "" where it is meant for a field, a dialog or the browser. */
function nameOf(event: KeyboardEvent): string {
  if (event.defaultPrevented || event.repeat || event.isComposing || isCovered()) return "";
  if (event.altKey) return "";
  if (event.ctrlKey || event.metaKey) return event.shiftKey ? "" : `mod ${event.key.toLowerCase()}`;
  return isTypedIn(event) ? "" : event.key;
}

/** A deed tells whether it did something: if not, the browser has the key. */
type Keymap = Record<string, () => unknown>;

let began = Number.NEGATIVE_INFINITY; // when `g` was pressed; what is drawn anew does not forget it

function listenerOf(keymap: Keymap): (event: KeyboardEvent) => void {
  return (event) => {
    const key = nameOf(event);
    const isSecond = performance.now() - began < SECOND_KEY_MS;
    began = key === "g" ? performance.now() : Number.NEGATIVE_INFINITY;
    const deed = keymap[isSecond ? `g ${key}` : key];
    if (deed && deed() !== false) event.preventDefault();
  };
}

/** The keys of the whole dashboard. None fires while somebody types, or while a dialog is open. */
export function useShortcuts({ onPalette, onHelp }: Deeds): void {
  const on = useShortcutsOn();
  const navigate = useNavigate();
  const here = useBotId();
  const [last] = useRecentBots();
  const botId = here ?? last;
  useEffect(() => {
    if (!on) return;
    const goTo = Object.entries(placesOf(botId)).map(([key, to]) => [
      `g ${key}`,
      () => void navigate(to),
    ]);
    const listener = listenerOf({
      "mod k": onPalette,
      "?": onHelp,
      "/": focusSearch,
      ...(Object.fromEntries(goTo) as Keymap),
    });
    window.addEventListener("keydown", listener);
    return () => window.removeEventListener("keydown", listener);
  }, [on, navigate, botId, onPalette, onHelp]);
}
