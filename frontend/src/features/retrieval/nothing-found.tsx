import { useTranslation } from "react-i18next";
import { paths } from "@/shared/paths";
import { Button, NoResultState, TextLink } from "@/shared/ui";
import type { useAddress } from "./address";

/** There are documents, but no passage fits: what to try. */
export function NothingFound({ address }: { address: ReturnType<typeof useAddress> }) {
  const { t } = useTranslation("retrieval");
  const { asked, change } = address;
  return (
    <>
      <NoResultState
        title={t("nothing", { query: asked.query })}
        onClear={() => change({ q: null, document: null, passage: null })}
      />
      <div className="mx-auto max-w-md text-soft">
        <h2 className="font-medium text-ink">{t("try")}</h2>
        <ul className="mt-2 flex list-disc flex-col gap-1.5 ps-5">
          {asked.documentId !== null && (
            <li>
              {t("try_all_text")}{" "}
              <Button
                variant="quiet"
                size="sm"
                className="-my-1 underline"
                onPress={() => change({ document: null })}
              >
                {t("try_all")}
              </Button>
            </li>
          )}
          <li>{t("try_words")}</li>
          <li>
            {t("try_documents")}{" "}
            <TextLink to={paths.knowledge(asked.botId)}>{t("to_knowledge")}</TextLink>
          </li>
        </ul>
      </div>
    </>
  );
}
