import { useTranslation } from "react-i18next";
import {
  type OwnWorkspace,
  useListWorkspacesQuery,
  useRestoreWorkspaceMutation,
} from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Button, Card } from "@/shared/ui";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { useGoTo } from "./go-to";

const MOST = 100;

function Deleted({ workspace }: { workspace: OwnWorkspace }) {
  const { t } = useTranslation("workspace");
  const format = useFormat();
  const textOf = useProblemText();
  const goTo = useGoTo();
  const [restore, { isLoading }] = useRestoreWorkspaceMutation();
  const bringBack = async () => {
    const { data, error } = await restore({ workspaceId: workspace.id });
    if (!data) return void notify.error(t("restore_failed"), { description: textOf(error) });
    notify.success(t("restored", { name: data.name }), { description: t("restored_next") });
    goTo(data.id);
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 p-4">
      <div className="min-w-0">
        <p className="font-medium">{workspace.name}</p>
        <p className="text-sm text-soft">
          {workspace.erase_after && t("erased_on", { when: format.moment(workspace.erase_after) })}
        </p>
      </div>
      <Button
        variant="secondary"
        size="sm"
        aria-label={t("restore_what", { name: workspace.name })}
        isPending={isLoading}
        onPress={() => void bringBack()}
      >
        {t("restore")}
      </Button>
    </li>
  );
}

/** Those that an owner can still bring back. Nothing where there are none. */
export function DeletedWorkspaces() {
  const { t } = useTranslation("workspace");
  const { data } = useListWorkspacesQuery({ limit: MOST });
  const deleted = data?.data.filter(({ deleted_at }) => deleted_at !== null) ?? [];
  if (deleted.length === 0) return null;
  return (
    <Section title={t("deleted_title")} lead={t("deleted_lead")}>
      <Card>
        <ul className="divide-y divide-line">
          {deleted.map((workspace) => (
            <Deleted key={workspace.id} workspace={workspace} />
          ))}
        </ul>
      </Card>
    </Section>
  );
}
