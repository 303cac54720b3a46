import { KeyRound, Plus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { ApiKey, NewApiKey } from "@/shared/api/inside";
import { useAllApiKeysQuery } from "@/shared/api/whole-lists";
import { Button, Card, EmptyState, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { ApiKeyRow } from "./api-key-row";
import { ApiKeySecret } from "./api-key-secret";
import { NewApiKeyDialog } from "./new-api-key-dialog";

/** The keys by which programs come in. */
export function ApiKeys() {
  const { t } = useTranslation(["workspace", "common"]);
  const textOf = useProblemText();
  const { data, error, refetch, isFetching } = useAllApiKeysQuery();
  if (data) return <Found keys={data} />;
  if (error) {
    return (
      <ErrorState
        title={t("keys_failed")}
        detail={textOf(error)}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  return (
    <Loading label={t("common:loading")}>
      <Skeleton className="mb-3 h-10 w-full" />
      <Skeleton className="h-44 w-full rounded-lg" />
    </Loading>
  );
}

function Found({ keys }: { keys: readonly ApiKey[] }) {
  const { t } = useTranslation("workspace");
  const [isMaking, setMaking] = useState(false);
  const [made, setMade] = useState<NewApiKey | null>(null);
  const create = (
    <Button onPress={() => setMaking(true)}>
      <Plus aria-hidden className="size-4" />
      {t("key_create")}
    </Button>
  );
  return (
    <section aria-labelledby="keys">
      <div className="mb-3 flex min-h-10 flex-wrap items-center justify-between gap-3">
        <div>
          <h2 id="keys" className="text-lg font-semibold">
            {t("tab_api_keys")}
          </h2>
          <p className="text-sm text-soft">{t("keys_lead")}</p>
        </div>
        {keys.length > 0 && create}
      </div>
      {keys.length > 0 ? (
        <Card>
          <ul className="divide-y divide-line">
            {keys.map((key) => (
              <ApiKeyRow key={key.id} apiKey={key} onMade={setMade} />
            ))}
          </ul>
        </Card>
      ) : (
        <EmptyState
          icon={<KeyRound aria-hidden className="size-6" />}
          title={t("keys_none")}
          action={create}
        >
          {t("keys_none_text")}
        </EmptyState>
      )}
      {isMaking && <NewApiKeyDialog onMade={setMade} onClose={() => setMaking(false)} />}
      {made && <ApiKeySecret made={made} onClose={() => setMade(null)} />}
    </section>
  );
}
