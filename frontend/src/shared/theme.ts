import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";

const KEPT = "chatsphere-theme"; // public/theme.js reads it before the first paint
const dark = matchMedia("(prefers-color-scheme: dark)");
const listeners = new Set<() => void>();

const chosen = (): Theme => (localStorage.getItem(KEPT) as Theme | null) ?? "system";
const shown = (): "light" | "dark" => {
  const theme = chosen();
  if (theme === "system") return dark.matches ? "dark" : "light";
  return theme;
};

function show(): void {
  document.documentElement.dataset.theme = shown();
  for (const listener of listeners) listener();
}

dark.addEventListener("change", show);

export function chooseTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEPT);
  else localStorage.setItem(KEPT, theme);
  show();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** What was chosen, and what that comes to. */
export function useTheme(): { theme: Theme; shown: "light" | "dark" } {
  const theme = useSyncExternalStore(subscribe, chosen);
  return { theme, shown: useSyncExternalStore(subscribe, shown) };
}
