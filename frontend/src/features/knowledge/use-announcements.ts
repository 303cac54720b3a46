import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Document } from "@/shared/api/inside";
import { isBusy } from "./merge";

type Ended = "ready" | "failed";

/** Those that were worked on when we last looked, and are not any more. */
export function endedSince(before: ReadonlySet<string>, documents: readonly Document[]) {
  const ended: Record<Ended, Document[]> = { ready: [], failed: [] };
  for (const document of documents) {
    if (!before.has(document.id) || isBusy(document)) continue;
    ended[document.status as Ended].push(document);
  }
  return ended;
}

/** What is to be read aloud: what became of documents, many at once in one sentence, no progress. */
export function useAnnouncements(documents: readonly Document[]): string {
  const { t } = useTranslation("knowledge");
  const before = useRef<ReadonlySet<string>>(new Set());
  const [said, say] = useState("");
  useEffect(() => {
    const ended = endedSince(before.current, documents);
    before.current = new Set(documents.filter(isBusy).map(({ id }) => id));
    const parts = (["ready", "failed"] as const)
      .filter((status) => ended[status].length > 0)
      .map((status) => {
        const { length: count, 0: first } = ended[status];
        return t(`now_${status}`, { count, title: first?.title });
      });
    if (parts.length > 0) say(parts.join(" "));
  }, [documents, t]);
  return said;
}
