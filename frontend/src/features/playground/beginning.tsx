import { BookOpen, MessagesSquare } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import { useListDocumentsQuery } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { Button, EmptyState, LinkButton } from "@/shared/ui";

const SUFFIX = /\.\w{1,5}$/;

interface BeginningProps {
  botId: string;
  onAsk: (question: string) => void;
}

/** Before the first question: what to do first, or what one could ask. */
export function Beginning({ botId, onAsk }: BeginningProps) {
  const { t } = useTranslation("playground");
  const { may } = useSession();
  const [params] = useSearchParams();
  const { data } = useListDocumentsQuery({ botId, status: "ready", limit: 1 });
  if (!data) return null;
  const document = data.data[0];
  if (!document) {
    return (
      <EmptyState
        icon={<BookOpen aria-hidden className="size-6" />}
        title={t("no_documents_title")}
        action={
          may("editor") && <LinkButton to={paths.knowledge(botId)}>{t("add_knowledge")}</LinkButton>
        }
      >
        {t("no_documents_text")}
      </EmptyState>
    );
  }
  const example =
    params.get("question") ?? t("example", { title: document.title.replace(SUFFIX, "") });
  return (
    <EmptyState
      icon={<MessagesSquare aria-hidden className="size-6" />}
      title={t("empty_title")}
      action={
        <Button variant="secondary" className="py-2" onPress={() => onAsk(example)}>
          {example}
        </Button>
      }
    >
      {t("empty_text")}
    </EmptyState>
  );
}
