import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { api as entrance } from "@/shared/api/entrance";
import { type Member, useChangeMemberRoleMutation } from "@/shared/api/inside";
import { type Role, useSession } from "@/shared/session";
import { ConfirmDialog } from "@/shared/ui/confirm-dialog";
import { Select } from "@/shared/ui/select";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { managedBy, ROLES, useRoleChoices } from "./roles";

interface RoleChoiceProps {
  workspaceId: string;
  member: Member;
  isSelf: boolean;
}

/** Shown as chosen at once; back to what it was where the server refuses. */
function useChange({ workspaceId, member, isSelf }: RoleChoiceProps) {
  const { t } = useTranslation("workspace");
  const textOf = useProblemText();
  const dispatch = useDispatch();
  const [wanted, setWanted] = useState<Role | null>(null);
  const [change] = useChangeMemberRoleMutation();
  const name = member.full_name || member.email;
  const give = async (role: Role) => {
    setWanted(role);
    const { error } = await change({ workspaceId, userId: member.user_id, memberPatch: { role } });
    if (error) {
      setWanted(null);
      return void notify.error(t("role_failed"), { description: textOf(error) });
    }
    if (isSelf) dispatch(entrance.util.invalidateTags(["Accounts"]));
    notify.success(t("role_changed", { name, role: t(`role_${role}`) }), {
      description: t(`role_${role}_may`),
    });
  };
  return { shown: wanted ?? member.role, give };
}

/** Who gives up a role of their own, or makes an owner, is asked: neither is theirs to take back. */
export function RoleChoice(props: RoleChoiceProps) {
  const { member, isSelf } = props;
  const { t } = useTranslation("workspace");
  const { workspace } = useSession();
  const choices = useRoleChoices(managedBy(workspace?.role ?? "viewer"));
  const { shown, give } = useChange(props);
  const [asked, setAsked] = useState<Role | null>(null);
  const choose = (role: Role) => {
    if (role === shown) return;
    const isLess = ROLES.indexOf(role) < ROLES.indexOf(shown);
    if ((isSelf && isLess) || role === "owner") setAsked(role);
    else void give(role);
  };
  const name = member.full_name || member.email;
  return (
    <>
      <Select
        isLabelHidden
        label={t("role_of", { name })}
        className="w-36"
        choices={choices}
        value={shown}
        onChange={choose}
      />
      {asked && (
        <ConfirmDialog
          isOpen
          title={t(isSelf ? "own_role_ask" : "owner_ask", { name, role: t(`role_${asked}`) })}
          action={t("role_do", { role: t(`role_${asked}`) })}
          onConfirm={() => {
            setAsked(null);
            void give(asked);
          }}
          onClose={() => setAsked(null)}
        >
          {t(isSelf ? "own_role_means" : "owner_means")}
        </ConfirmDialog>
      )}
    </>
  );
}
