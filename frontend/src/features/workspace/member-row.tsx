import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Member, useRemoveMemberMutation } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { useSession } from "@/shared/session";
import { Badge, Button } from "@/shared/ui";
import { ConfirmDialog } from "@/shared/ui/confirm-dialog";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { RoleChoice } from "./role-choice";
import { managedBy } from "./roles";

interface MemberRowProps {
  workspaceId: string;
  member: Member;
  /** There is always one: this one stays as it is. */
  isLastOwner: boolean;
}

export function MemberRow({ workspaceId, member, isLastOwner }: MemberRowProps) {
  const { t } = useTranslation("workspace");
  const format = useFormat();
  const { user, workspace } = useSession();
  const [isAsking, setAsking] = useState(false);
  const isSelf = member.user_id === user?.id;
  const isManaged = managedBy(workspace?.role ?? "viewer").includes(member.role) && !isLastOwner;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4">
      <div className="min-w-40 flex-1">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {member.full_name || member.email}
          {isSelf && <Badge>{t("you")}</Badge>}
        </p>
        <p className="text-sm text-soft">{member.email}</p>
        <p className="text-xs text-faint">{t("joined", { when: format.date(member.joined_at) })}</p>
      </div>
      {isManaged ? (
        <RoleChoice workspaceId={workspaceId} member={member} isSelf={isSelf} />
      ) : (
        <Badge>{t(`role_${member.role}`)}</Badge>
      )}
      {isManaged && !isSelf && (
        <Button
          variant="quiet"
          size="sm"
          aria-label={t("remove_member", { name: member.full_name })}
          onPress={() => setAsking(true)}
        >
          {t("remove")}
        </Button>
      )}
      {isAsking && (
        <Remove workspaceId={workspaceId} member={member} onClose={() => setAsking(false)} />
      )}
    </li>
  );
}

interface RemoveProps {
  workspaceId: string;
  member: Member;
  onClose: () => void;
}

function Remove({ workspaceId, member, onClose }: RemoveProps) {
  const { t } = useTranslation("workspace");
  const textOf = useProblemText();
  const [remove, { isLoading }] = useRemoveMemberMutation();
  const name = member.full_name || member.email;
  const takeOut = async () => {
    const { error } = await remove({ workspaceId, userId: member.user_id });
    onClose();
    if (error) notify.error(t("remove_member_failed"), { description: textOf(error) });
    else notify.success(t("member_removed", { name }), { description: t("member_removed_next") });
  };
  return (
    <ConfirmDialog
      isOpen
      title={t("remove_member_ask", { name })}
      action={t("remove_member_do")}
      isPending={isLoading}
      onConfirm={() => void takeOut()}
      onClose={onClose}
    >
      {t("remove_member_means")}
    </ConfirmDialog>
  );
}
