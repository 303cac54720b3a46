import type { Document, ListOfDocument } from "@/shared/api/inside";

/** Work on it is not over: what is shown of it changes by itself. */
export const isBusy = ({ status }: Pick<Document, "status">): boolean =>
  status === "pending" || status === "processing";

/**
 * A page as it is now. What newer documents pushed off its end is kept, for the next page begins
 * behind it; what is missing otherwise is gone. Ids grow with time, and the newest stand first.
 */
export function merged(page: ListOfDocument, fresh: ListOfDocument): ListOfDocument {
  const last = fresh.data.at(-1);
  const pushedOff =
    fresh.has_more && last ? page.data.filter(({ id }) => id < last.id) : ([] as Document[]);
  if (pushedOff.length === 0) return fresh;
  return { ...page, data: [...fresh.data, ...pushedOff] };
}

/** All that was loaded, each once: after a deletion two pages overlap. */
export function flat(pages: readonly ListOfDocument[]): Document[] {
  const byId = new Map(pages.flatMap(({ data }) => data).map((one) => [one.id, one]));
  return [...byId.values()];
}

/** Put a document where it stands already, else in front. */
export function put(pages: ListOfDocument[], document: Document): void {
  const page = pages.find(({ data }) => data.some(({ id }) => id === document.id));
  if (page) page.data = page.data.map((one) => (one.id === document.id ? document : one));
  else pages[0]?.data.unshift(document);
}
