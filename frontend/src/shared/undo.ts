import { useCallback, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useStore } from "react-redux";
import { problemOf } from "./api";
import { requestHeaders } from "./api/base-api";
import { type addTagTypes, api } from "./api/inside";
import type { WithSession } from "./session";
import { notify } from "./ui/toast";
import { useProblemText } from "./use-problem-text";

/** As long as its toast shows, nothing was sent. */
const UNDO_MS = 6_000;

interface Item {
  id: string;
  name: string;
  /** What is sent a DELETE: "/api/v1/documents/doc_…". */
  path: string;
}

interface Deletion {
  items: readonly Item[];
  /** What the lists that show them are fetched anew by. */
  tags: readonly (typeof addTagTypes)[number][];
}

const { useDeleteAtMutation } = api.injectEndpoints({
  endpoints: (build) => ({
    deleteAt: build.mutation<null, { path: string; tags: Deletion["tags"] }>({
      query: ({ path }) => ({ url: path, method: "DELETE" }),
      invalidatesTags: (_result, error, { tags }) => (error ? [] : tags),
    }),
  }),
});

let hidden: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();
/** Deletions that can be undone, each with how it is sent when there is no time left. */
const waiting = new Map<Deletion, () => Promise<unknown>>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function change(next: ReadonlySet<string>): void {
  hidden = next;
  for (const listener of listeners) listener();
}

const hide = (items: readonly Item[]) => change(new Set([...hidden, ...items.map(({ id }) => id)]));

function show(items: readonly Item[]): void {
  const back = new Set(items.map(({ id }) => id));
  change(new Set([...hidden].filter((id) => !back.has(id))));
}

/** Send at once what waits for its toast: whoever could undo it leaves the page, the workspace or the session. */
export async function settleDeletions(): Promise<void> {
  const sends = [...waiting.values()];
  waiting.clear();
  await Promise.allSettled(sends.map((send) => send()));
}

// A request of RTK Query would end with the page.
function sendOnLeaving({ items }: Deletion, state: WithSession): Promise<unknown> {
  return Promise.all(
    items.map(({ path }) => {
      const headers = requestHeaders(state, path);
      return fetch(new URL(path, location.origin), { method: "DELETE", headers, keepalive: true });
    }),
  );
}

window.addEventListener("pagehide", () => void settleDeletions());

function useSend(): (deletion: Deletion) => Promise<void> {
  const { t } = useTranslation();
  const textOf = useProblemText();
  const [deleteAt] = useDeleteAtMutation();
  return useCallback(
    async ({ items, tags }) => {
      const sent = items.map(async (item) => ({
        item,
        error: (await deleteAt({ path: item.path, tags })).error,
      }));
      const failed = (await Promise.all(sent)).filter(({ error }) => isRefused(error));
      const [first] = failed;
      if (!first) return;
      show(failed.map(({ item }) => item));
      const { name } = first.item;
      notify.error(t("not_deleted", { name, count: failed.length }), {
        description: textOf(first.error),
      });
    },
    [deleteAt, t, textOf],
  );
}

/** What is gone already is as it should be. */
const isRefused = (error: unknown): boolean => Boolean(error) && problemOf(error)?.status !== 404;

/**
 * Delete without asking first: the items are hidden at once, a toast offers to undo it, and only when
 * that is gone is the request sent. What the server refuses comes back with the reason.
 */
export function useUndoableDelete() {
  const { t } = useTranslation();
  const store = useStore<WithSession>();
  const send = useSend();
  const gone = useSyncExternalStore(subscribe, () => hidden);
  const remove = useCallback(
    (deletion: Deletion) => {
      const { items } = deletion;
      hide(items);
      waiting.set(deletion, () => sendOnLeaving(deletion, store.getState()));
      const finish = () => void (waiting.delete(deletion) && send(deletion));
      const undo = () => void (waiting.delete(deletion) && show(items));
      notify.info(t("deleted", { name: items[0]?.name, count: items.length }), {
        duration: UNDO_MS,
        action: { label: t("undo"), onClick: undo },
        onAutoClose: finish,
        onDismiss: finish,
      });
    },
    [store, send, t],
  );
  return { remove, isHidden: (id: string) => gone.has(id) };
}
