import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { api as entrance } from "@/shared/api/entrance";
import {
  type OwnWorkspace,
  useGetWorkspaceQuery,
  useUpdateWorkspaceMutation,
} from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { Button, Card, ErrorState, Field, Loading, Notice, Skeleton } from "@/shared/ui";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { NAME_MOST } from "./new-workspace";

const MODEL_MOST = 200;

/** The name, and what bots answer with that name no model of their own. */
export function General({ id, isReadOnly }: { id: string; isReadOnly: boolean }) {
  const { t } = useTranslation("workspace");
  const textOf = useProblemText();
  const { data, error, refetch, isFetching } = useGetWorkspaceQuery({ workspaceId: id });
  return (
    <Section title={t("general")} lead={t("general_lead")}>
      {data && <GeneralForm key={data.id} workspace={data} isReadOnly={isReadOnly} />}
      {!data && !error && <Waiting />}
      {!data && error && (
        <ErrorState
          title={t("load_failed")}
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
      <Skeleton className="h-74 w-full rounded-lg" />
    </Loading>
  );
}

function useSave(id: string) {
  const { t } = useTranslation("workspace");
  const dispatch = useDispatch();
  const [update] = useUpdateWorkspaceMutation();
  return useSubmit<"name" | "default_model">(async ({ name, default_model }) => {
    const workspacePatch = { name, default_model: default_model || null };
    const { data, error } = await update({ workspaceId: id, workspacePatch });
    if (data) {
      dispatch(entrance.util.invalidateTags(["Accounts"])); // the name stands in the head too
      notify.success(t("general_saved"), { description: t("general_saved_next") });
    }
    return { error };
  });
}

function GeneralForm({ workspace, isReadOnly }: { workspace: OwnWorkspace; isReadOnly: boolean }) {
  const { t } = useTranslation(["workspace", "common"]);
  const { form, refusal, isPending } = useSave(workspace.id);
  return (
    <Card className="p-5">
      <Form {...form} className="flex flex-col gap-5">
        {refusal && <Notice tone="danger">{refusal}</Notice>}
        <Field
          name="name"
          autoComplete="off"
          isReadOnly={isReadOnly}
          maxLength={NAME_MOST}
          defaultValue={workspace.name}
          label={t("name")}
          validate={(text) => (text.trim() ? null : t("name_missing"))}
        />
        <Field
          name="default_model"
          autoComplete="off"
          isReadOnly={isReadOnly}
          maxLength={MODEL_MOST}
          defaultValue={workspace.default_model ?? ""}
          label={t("default_model")}
          placeholder={t("default_model_none")}
          hint={t("default_model_hint")}
        />
        {isReadOnly ? (
          <p className="text-sm text-soft">{t("general_read_only")}</p>
        ) : (
          <div>
            <Button type="submit" isPending={isPending}>
              {t("common:save")}
            </Button>
          </div>
        )}
      </Form>
    </Card>
  );
}
