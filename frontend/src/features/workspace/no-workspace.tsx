import { useTranslation } from "react-i18next";
import { Card, Page } from "@/shared/ui";
import { DeletedWorkspaces } from "./deleted-workspaces";
import { NewWorkspaceForm } from "./new-workspace";

/** Who left or deleted the last one: restore one, or begin anew. */
export function NoWorkspace() {
  const { t } = useTranslation("workspace");
  return (
    <Page title={t("none_title")} lead={t("none_lead")}>
      <div className="flex max-w-4xl flex-col gap-6">
        <Card className="p-5">
          <NewWorkspaceForm />
        </Card>
        <DeletedWorkspaces />
      </div>
    </Page>
  );
}
