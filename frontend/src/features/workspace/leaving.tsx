import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Workspace } from "@/shared/api/entrance";
import { useDeleteWorkspaceMutation, useRemoveMemberMutation } from "@/shared/api/inside";
import { useSession } from "@/shared/session";
import { Button, Field } from "@/shared/ui";
import { ConfirmDialog } from "@/shared/ui/confirm-dialog";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { useGoTo } from "./go-to";
import { NewWorkspaceDialog } from "./new-workspace";

type Asking = "nothing" | "leave" | "delete" | "create";

/** Go, or end the workspace for everybody; or begin another. */
export function Leaving({ workspace, isOwner }: { workspace: Workspace; isOwner: boolean }) {
  const { t } = useTranslation("workspace");
  const [asking, setAsking] = useState<Asking>("nothing");
  const close = () => setAsking("nothing");
  return (
    <>
      <Section title={t("more_workspaces")} lead={t("more_workspaces_lead")}>
        <Button variant="secondary" onPress={() => setAsking("create")}>
          {t("create")}
        </Button>
      </Section>
      <Section
        isDangerous
        title={t("danger")}
        lead={isOwner ? t("danger_owner") : t("danger_lead")}
      >
        <div className="flex flex-wrap gap-3">
          <Button variant="secondary" onPress={() => setAsking("leave")}>
            {t("leave")}
          </Button>
          {isOwner && (
            <Button variant="secondary" onPress={() => setAsking("delete")}>
              {t("delete")}
            </Button>
          )}
        </div>
      </Section>
      {asking === "leave" && <Leave workspace={workspace} onClose={close} />}
      {asking === "delete" && <Delete workspace={workspace} onClose={close} />}
      {asking === "create" && <NewWorkspaceDialog onClose={close} />}
    </>
  );
}

interface AskProps {
  workspace: Workspace;
  onClose: () => void;
}

/** Into the next workspace there is, once this one is not one's own any more. */
function useGoAway(workspace: Workspace): () => void {
  const { workspaces } = useSession();
  const goTo = useGoTo();
  return () => goTo(workspaces.find(({ id }) => id !== workspace.id)?.id ?? null);
}

function Leave({ workspace, onClose }: AskProps) {
  const { t } = useTranslation("workspace");
  const textOf = useProblemText();
  const { user } = useSession();
  const goAway = useGoAway(workspace);
  const [remove, { isLoading }] = useRemoveMemberMutation();
  const leave = async () => {
    const { error } = await remove({ workspaceId: workspace.id, userId: user?.id ?? "" });
    if (error) {
      onClose();
      return void notify.error(t("leave_failed"), { description: textOf(error) });
    }
    notify.success(t("left", { name: workspace.name }), { description: t("left_next") });
    goAway();
  };
  return (
    <ConfirmDialog
      isOpen
      title={t("leave_ask", { name: workspace.name })}
      action={t("leave")}
      isPending={isLoading}
      onConfirm={() => void leave()}
      onClose={onClose}
    >
      {t("leave_means")}
    </ConfirmDialog>
  );
}

/** The one deed here that takes everything from everybody: the name is typed before it. */
function Delete({ workspace, onClose }: AskProps) {
  const { t } = useTranslation(["workspace", "common"]);
  const textOf = useProblemText();
  const goAway = useGoAway(workspace);
  const [typed, setTyped] = useState("");
  const [remove, { isLoading }] = useDeleteWorkspaceMutation();
  const end = async () => {
    const { error } = await remove({ workspaceId: workspace.id });
    if (error) {
      onClose();
      return void notify.error(t("delete_failed"), { description: textOf(error) });
    }
    notify.success(t("deleted", { name: workspace.name }), { description: t("deleted_next") });
    goAway();
  };
  return (
    <Dialog isAlert isOpen title={t("delete_ask", { name: workspace.name })} onClose={onClose}>
      <p className="mb-5 text-soft">{t("delete_means")}</p>
      <Field
        autoFocus
        autoComplete="off"
        label={t("delete_type", { name: workspace.name })}
        value={typed}
        onChange={setTyped}
      />
      <DialogActions>
        <Button variant="secondary" onPress={onClose}>
          {t("common:cancel")}
        </Button>
        <Button
          variant="danger"
          isDisabled={typed.trim() !== workspace.name}
          isPending={isLoading}
          onPress={() => void end()}
        >
          {t("delete")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
