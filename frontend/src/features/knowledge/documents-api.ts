import { useCallback } from "react";
import { useStore } from "react-redux";
import { type Document, api as generated, type ListOfDocument } from "@/shared/api/inside";
import { merged, put } from "./merge";

export const PAGE = 100;

/** What the list shows. */
export interface Wanted {
  botId: string;
  status?: Document["status"];
  q?: string;
}

interface NewDocument {
  botId: string;
  key: string;
  content: { url: string } | { title: string; text: string };
}

interface Added {
  document: Document;
  /** The bot had it already. */
  isKnown: boolean;
}

// Without tags: one document that changed must not fetch a hundred pages anew. Who changes one puts it.
const withList = generated.injectEndpoints({
  endpoints: (build) => ({
    documentList: build.infiniteQuery<ListOfDocument, Wanted, string>({
      infiniteQueryOptions: {
        initialPageParam: "",
        getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
      },
      query: ({ queryArg: { botId, ...where }, pageParam }) => ({
        url: `/api/v1/bots/${botId}/documents`,
        params: { ...where, limit: PAGE, cursor: pageParam || undefined },
      }),
    }),
    addDocument: build.mutation<Added, NewDocument>({
      query: ({ botId, key, content }) => ({
        url: `/api/v1/bots/${botId}/documents`,
        method: "POST",
        body: content,
        headers: { "idempotency-key": key },
        responseHandler: async (response) => {
          const data = await response.json();
          return response.ok ? { document: data, isKnown: response.status === 200 } : data;
        },
      }),
    }),
  }),
});

export const { useDocumentListInfiniteQuery, useAddDocumentMutation } = withList;

/** What the store must be able to do; any of the app's can. */
export type KnowledgeStore = Pick<ReturnType<typeof useStore>, "dispatch" | "getState">;
type State = Parameters<ReturnType<typeof withList.endpoints.documentList.select>>[0];
type Dispatch = (action: unknown) => unknown;

const fits = ({ status, q }: Wanted, document: Document): boolean =>
  !q && (!status || status === document.status);

/** Show a document as the API just gave it, in every list that has it or should. */
export function putDocument(store: KnowledgeStore, document: Document): void {
  const state = store.getState() as State;
  const dispatch = store.dispatch as Dispatch;
  for (const wanted of withList.util.selectCachedArgsForQuery(state, "documentList")) {
    if (wanted.botId !== document.bot_id) continue;
    const update = withList.util.updateQueryData("documentList", wanted, ({ pages }) => {
      const isThere = pages.some(({ data }) => data.some(({ id }) => id === document.id));
      if (isThere || fits(wanted, document)) put(pages, document);
    });
    dispatch(update);
  }
}

export function usePutDocument(): (document: Document) => void {
  const store = useStore();
  return useCallback((document) => putDocument(store, document), [store]);
}

/** Fetch some of the pages that are shown again, and show what they are now. */
export async function refreshPages(
  store: KnowledgeStore,
  wanted: Wanted,
  cursors: readonly string[],
): Promise<void> {
  const dispatch = store.dispatch as Dispatch;
  for (const cursor of cursors) {
    const ask = generated.endpoints.listDocuments.initiate(
      { ...wanted, limit: PAGE, cursor: cursor || undefined },
      { forceRefetch: true, subscribe: false },
    );
    const { data } = (await dispatch(ask)) as { data?: ListOfDocument };
    if (!data) return; // the next turn tries again
    const update = withList.util.updateQueryData(
      "documentList",
      wanted,
      ({ pages, pageParams }) => {
        const at = pageParams.indexOf(cursor);
        const page = pages[at];
        if (page) pages[at] = merged(page, data);
      },
    );
    dispatch(update);
  }
}
