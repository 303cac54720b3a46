import { History, MessageCircle } from "lucide-react";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { useConfigSchemaQuery, useListModelsQuery } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { ErrorState, LinkButton, Loading, Page, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { useEditedBotQuery } from "./edited-bot";
import { ConfigurationForm } from "./form";
import { settingsOf } from "./schema";

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <div className="grid gap-x-10 gap-y-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]">
        <Skeleton className="h-6 w-32" />
        <div className="flex flex-col gap-6">
          <Skeleton className="h-16 w-full" />
          <Skeleton className="h-28 w-full" />
          <Skeleton className="h-64 w-full" />
        </div>
      </div>
    </Loading>
  );
}

function Found({ botId }: { botId: string }) {
  const { t } = useTranslation("configure");
  const textOf = useProblemText();
  const schema = useConfigSchemaQuery();
  const edited = useEditedBotQuery(botId);
  const { data: models } = useListModelsQuery(); // without them any model can still be named
  const { isLoading } = useSession(); // until then nobody knows whether it may be changed
  const settings = useMemo(() => schema.data && settingsOf(schema.data), [schema.data]);
  const error = edited.error ?? schema.error;
  if (settings && edited.currentData && !isLoading) {
    return (
      <ConfigurationForm
        key={botId}
        loaded={edited.currentData}
        settings={settings}
        models={models?.data ?? []}
      />
    );
  }
  if (!error) return <Waiting />;
  const again = () => {
    if (schema.error) void schema.refetch();
    if (edited.error) void edited.refetch();
  };
  return (
    <ErrorState
      title={t("load_failed")}
      detail={textOf(error)}
      onRetry={again}
      isRetrying={schema.isFetching || edited.isFetching}
    />
  );
}

/** How a bot answers: what is saved here is its draft, until it is published. */
export function Configure() {
  const { t } = useTranslation("configure");
  const { botId = "" } = useParams();
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      actions={
        <>
          <LinkButton variant="secondary" to={paths.versions(botId)}>
            <History aria-hidden className="size-4" />
            {t("versions")}
          </LinkButton>
          <LinkButton variant="secondary" to={paths.playground(botId)}>
            <MessageCircle aria-hidden className="size-4" />
            {t("try")}
          </LinkButton>
        </>
      }
    >
      <Found botId={botId} />
    </Page>
  );
}
