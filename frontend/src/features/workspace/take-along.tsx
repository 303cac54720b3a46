import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useDownloadMutation } from "@/shared/api/download";
import type { Workspace } from "@/shared/api/entrance";
import { Button } from "@/shared/ui";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";

/** All that the workspace stores, as one file. */
export function TakeAlong({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation(["workspace", "common"]);
  const textOf = useProblemText();
  const [download, { isLoading }] = useDownloadMutation();
  const take = async () => {
    const url = `/api/v1/workspaces/${workspace.id}/export`;
    const { error } = await download({ url, name: `${workspace.name}.zip` });
    if (error) notify.error(t("common:download_failed"), { description: textOf(error) });
    else notify.success(t("exported"), { description: t("exported_next") });
  };
  return (
    <Section title={t("export")} lead={t("export_lead")}>
      <Button variant="secondary" isPending={isLoading} onPress={() => void take()}>
        <Download aria-hidden className="size-4" />
        {t("export_do")}
      </Button>
    </Section>
  );
}
