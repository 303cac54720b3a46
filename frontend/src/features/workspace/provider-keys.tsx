import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type ProviderCredentials,
  useListProviderCredentialsQuery,
  useRemoveProviderCredentialsMutation,
} from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Badge, Button, Card, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { ConfirmDialog } from "@/shared/ui/confirm-dialog";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { ProviderKeyDialog } from "./provider-key-dialog";
import { nameOf, useProviders } from "./providers";

/** The workspace's own keys for models: given, replaced and taken away, never shown. */
export function ProviderKeys() {
  const { t } = useTranslation("workspace");
  const textOf = useProblemText();
  const { data, error, refetch, isFetching } = useListProviderCredentialsQuery();
  return (
    <Section title={t("provider_keys")} lead={t("provider_keys_lead")}>
      {data && <Providers given={data.data} />}
      {!data && !error && <Waiting />}
      {!data && error && (
        <ErrorState
          title={t("provider_keys_failed")}
          detail={textOf(error)}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
        />
      )}
    </Section>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <Skeleton className="h-55 w-full rounded-lg" />
    </Loading>
  );
}

type Asking = { provider: string; deed: "set" | "remove" } | null;

function Providers({ given }: { given: readonly ProviderCredentials[] }) {
  const [asking, setAsking] = useState<Asking>(null);
  const providers = useProviders(given);
  const close = () => setAsking(null);
  return (
    <>
      <Card>
        <ul className="divide-y divide-line">
          {providers.map((provider) => (
            <Provider
              key={provider}
              provider={provider}
              given={given.find((one) => one.provider === provider)}
              onAsk={(deed) => setAsking({ provider, deed })}
            />
          ))}
        </ul>
      </Card>
      {asking?.deed === "set" && (
        <ProviderKeyDialog
          provider={asking.provider}
          before={given.find((one) => one.provider === asking.provider)}
          onClose={close}
        />
      )}
      {asking?.deed === "remove" && <Remove provider={asking.provider} onClose={close} />}
    </>
  );
}

interface ProviderProps {
  provider: string;
  given: ProviderCredentials | undefined;
  onAsk: (deed: "set" | "remove") => void;
}

function Provider({ provider, given, onAsk }: ProviderProps) {
  const { t } = useTranslation("workspace");
  const format = useFormat();
  const name = nameOf(provider);
  return (
    <li className="flex min-h-18 flex-wrap items-center justify-between gap-3 p-4">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {name}
          {given && <Badge tone="success">{t("provider_key_set")}</Badge>}
        </p>
        <p className="text-sm text-soft">
          {given
            ? t("provider_key_given", { hint: given.hint, when: format.date(given.updated_at) })
            : t("provider_key_none")}
        </p>
        {given?.base_url && <p className="text-sm text-soft">{given.base_url}</p>}
      </div>
      <div className="flex gap-2">
        <Button
          variant="secondary"
          size="sm"
          aria-label={given ? t("replace_key_of", { name }) : t("set_key_of", { name })}
          onPress={() => onAsk("set")}
        >
          {given ? t("replace_key") : t("set_key")}
        </Button>
        {given && (
          <Button
            variant="quiet"
            size="sm"
            aria-label={t("remove_key_of", { name })}
            onPress={() => onAsk("remove")}
          >
            {t("remove")}
          </Button>
        )}
      </div>
    </li>
  );
}

function Remove({ provider, onClose }: { provider: string; onClose: () => void }) {
  const { t } = useTranslation("workspace");
  const textOf = useProblemText();
  const [remove, { isLoading }] = useRemoveProviderCredentialsMutation();
  const name = nameOf(provider);
  const forget = async () => {
    const { error } = await remove({ provider });
    onClose();
    if (error) notify.error(t("remove_key_failed"), { description: textOf(error) });
    else notify.success(t("key_removed", { name }), { description: t("key_removed_next") });
  };
  return (
    <ConfirmDialog
      isOpen
      title={t("remove_key_ask", { name })}
      action={t("remove_key")}
      isPending={isLoading}
      onConfirm={() => void forget()}
      onClose={onClose}
    >
      {t("remove_key_means")}
    </ConfirmDialog>
  );
}
