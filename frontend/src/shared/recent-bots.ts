import { useSyncExternalStore } from "react";
import { useSession } from "./session";

const KEPT = "chatsphere-recent-bots";
const MOST = 5;

/** Ids by workspace, the last used first; no names, which are the workspace's own. */
type Recent = Record<string, string[]>;

function read(): Recent {
  try {
    return (JSON.parse(localStorage.getItem(KEPT) ?? "{}") ?? {}) as Recent;
  } catch {
    return {};
  }
}

let recent: Recent | null = null;
const listeners = new Set<() => void>();

const now = (): Recent => {
  recent ??= read();
  return recent;
};

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(workspaceId: string, alter: (ids: string[]) => string[]): void {
  recent = { ...now(), [workspaceId]: alter(now()[workspaceId] ?? []).slice(0, MOST) };
  localStorage.setItem(KEPT, JSON.stringify(recent));
  for (const listener of listeners) listener();
}

export const botUsed = (workspaceId: string, botId: string): void =>
  change(workspaceId, (ids) => [botId, ...ids.filter((id) => id !== botId)]);

export const botGone = (workspaceId: string, botId: string): void =>
  change(workspaceId, (ids) => ids.filter((id) => id !== botId));

const NONE: string[] = [];

/** The bots of the workspace in use that were worked with last, in this browser. */
export function useRecentBots(): string[] {
  const { workspace } = useSession();
  const all = useSyncExternalStore(subscribe, now);
  return (workspace && all[workspace.id]) ?? NONE;
}
