import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { api as entrance, type Workspace } from "@/shared/api/entrance";
import { type Member, useTransferOwnershipMutation } from "@/shared/api/inside";
import { useAllMembersQuery } from "@/shared/api/whole-lists";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { Button, Skeleton, TextLink } from "@/shared/ui";
import { ConfirmDialog } from "@/shared/ui/confirm-dialog";
import { Section } from "@/shared/ui/section";
import { Select } from "@/shared/ui/select";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";

/** Hand the workspace to somebody else who is in it. */
export function Ownership({ workspace }: { workspace: Workspace }) {
  const { t } = useTranslation("workspace");
  const { user } = useSession();
  const { data } = useAllMembersQuery(workspace.id);
  const others = data?.filter(({ user_id }) => user_id !== user?.id);
  return (
    <Section title={t("transfer")} lead={t("transfer_lead")}>
      {!others && <Skeleton className="h-10 w-full" />}
      {others?.length === 0 && (
        <p className="text-soft">
          {t("transfer_nobody")} <TextLink to={paths.members}>{t("transfer_invite")}</TextLink>
        </p>
      )}
      {others && others.length > 0 && <Transfer workspace={workspace} others={others} />}
    </Section>
  );
}

function Transfer({ workspace, others }: { workspace: Workspace; others: readonly Member[] }) {
  const { t } = useTranslation("workspace");
  const textOf = useProblemText();
  const dispatch = useDispatch();
  const [heirId, setHeir] = useState<string | null>(null);
  const [isAsking, setAsking] = useState(false);
  const [transfer, { isLoading }] = useTransferOwnershipMutation();
  const heir = others.find(({ user_id }) => user_id === heirId);
  const handOver = async (user_id: string, name: string) => {
    const { error } = await transfer({ workspaceId: workspace.id, transfer: { user_id } });
    setAsking(false);
    if (error) return void notify.error(t("transfer_failed"), { description: textOf(error) });
    dispatch(entrance.util.invalidateTags(["Accounts"])); // one's own role
    notify.success(t("transferred", { name }), { description: t("transferred_next") });
  };
  return (
    <div className="flex flex-wrap items-end gap-3">
      <Select
        label={t("transfer_to")}
        placeholder={t("choose_member")}
        className="w-full sm:w-72"
        choices={others.map(({ user_id, full_name, email }) => ({
          id: user_id,
          name: full_name || email,
        }))}
        value={heirId}
        onChange={setHeir}
      />
      <Button variant="secondary" isDisabled={!heir} onPress={() => setAsking(true)}>
        {t("transfer_do")}
      </Button>
      {heir && (
        <ConfirmDialog
          title={t("transfer_ask", { name: heir.full_name })}
          action={t("transfer_do")}
          isOpen={isAsking}
          isPending={isLoading}
          onConfirm={() => void handOver(heir.user_id, heir.full_name)}
          onClose={() => setAsking(false)}
        >
          {t("transfer_means", { name: heir.full_name, workspace: workspace.name })}
        </ConfirmDialog>
      )}
    </div>
  );
}
