import { useTranslation } from "react-i18next";
import {
  type Document,
  type DocumentPatch,
  useCancelMutation,
  useReprocessMutation,
  useUpdateDocumentMutation,
} from "@/shared/api/inside";
import { notify } from "@/shared/ui/toast";
import { useUndoableDelete } from "@/shared/undo";
import { useProblemText } from "@/shared/use-problem-text";
import { usePutDocument } from "./documents-api";

const AT_ONCE = 4;

type Outcome = { data?: Document; error?: unknown };

/** One after the other, some side by side. */
async function forAll<Item>(items: readonly Item[], deed: (item: Item) => Promise<Outcome>) {
  const left = [...items];
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) {
      outcomes.push(await deed(item));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcomes;
}

type Done = "retried" | "cancelled" | "labelled";

/** What can be done with one document or many; each says how it went. */
export function useDeeds() {
  const { t } = useTranslation("knowledge");
  const textOf = useProblemText();
  const put = usePutDocument();
  const [reprocess] = useReprocessMutation();
  const [cancel] = useCancelMutation();
  const [update] = useUpdateDocumentMutation();
  const { remove } = useUndoableDelete();

  const run = async (
    documents: readonly Document[],
    done: Done,
    deed: (document: Document) => Promise<Outcome>,
  ) => {
    const outcomes = await forAll(documents, deed);
    for (const { data } of outcomes) if (data) put(data);
    const failed = outcomes.filter(({ error }) => error);
    const names = { title: documents[0]?.title, count: outcomes.length - failed.length };
    if (failed[0]) {
      notify.error(t("deed_failed", { count: failed.length, title: names.title }), {
        description: textOf(failed[0].error),
      });
    } else notify.success(t(done, names));
    return failed.length === 0;
  };

  return {
    retry: (documents: readonly Document[]) =>
      run(documents, "retried", ({ id }) => reprocess({ documentId: id })),
    stop: (document: Document) =>
      run([document], "cancelled", ({ id }) => cancel({ documentId: id })),
    change: (documents: readonly Document[], documentPatch: DocumentPatch) =>
      run(documents, "labelled", ({ id }) => update({ documentId: id, documentPatch })),
    remove: (documents: readonly Document[]) =>
      remove({
        items: documents.map(({ id, title }) => ({
          id,
          name: title,
          path: `/api/v1/documents/${id}`,
        })),
        tags: ["Documents"],
      }),
  };
}

export type Deeds = ReturnType<typeof useDeeds>;
