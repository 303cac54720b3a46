import { paths } from "@/shared/paths";

/** A stretch of a document that an answer cites or a search found; offsets count code points. */
export interface Passage {
  documentId: string;
  /** Absent: the one that answers now. */
  revision?: number;
  start: number;
  end: number;
  title?: string;
  page?: number | null;
  headingPath?: readonly string[];
}

/** The document's page, with the passage marked in it. */
export function passagePath(botId: string, passage: Passage): string {
  const { documentId, revision, start, end } = passage;
  const params = new URLSearchParams({ start: String(start), end: String(end) });
  if (revision !== undefined) params.set("revision", String(revision));
  return `${paths.document(botId, documentId)}?${params}`;
}
