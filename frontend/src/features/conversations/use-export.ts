import { useTranslation } from "react-i18next";
import type { Conversation } from "@/shared/api/inside";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { download, fileNameOf, jsonOf, markdownOf, useLazyAllMessagesQuery } from "./export";

export type Format = "markdown" | "json";

/** Fetch all of a conversation and give it to the browser to keep. */
export function useExport(conversation: Conversation) {
  const { t } = useTranslation("conversations");
  const textOf = useProblemText();
  const [fetchAll] = useLazyAllMessagesQuery();
  return async (format: Format) => {
    const { data: messages, error } = await fetchAll(conversation.id);
    if (!messages) {
      notify.error(t("export_failed"), { description: textOf(error) });
      return;
    }
    if (format === "json") {
      const name = fileNameOf(conversation, "json");
      download(name, jsonOf(conversation, messages), "application/json");
      return;
    }
    const text = markdownOf(conversation, messages, {
      question: t("question"),
      answer: t("answer"),
      sources: t("sources"),
      page: (page) => t("page", { page }),
    });
    download(fileNameOf(conversation, "md"), text, "text/markdown");
  };
}
