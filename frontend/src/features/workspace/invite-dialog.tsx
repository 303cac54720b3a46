import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type NewInvitation, useInviteMutation } from "@/shared/api/inside";
import { Form, useSubmit } from "@/shared/forms";
import { useFormat } from "@/shared/i18n/use-format";
import { Button, Field, Notice } from "@/shared/ui";
import { CopyField } from "@/shared/ui/copy";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { Select } from "@/shared/ui/select";
import { INVITED_ROLES, useRoleChoices } from "./roles";

type InvitedRole = (typeof INVITED_ROLES)[number];
const EMAIL_MOST = 320;

interface InviteDialogProps {
  workspaceId: string;
  onClose: () => void;
}

/** First whom and as what, then the link: it is shown this once. */
export function InviteDialog({ workspaceId, onClose }: InviteDialogProps) {
  const { t } = useTranslation("workspace");
  const [made, setMade] = useState<NewInvitation | null>(null);
  return (
    <Dialog isOpen title={made ? t("invited_title") : t("invite")} onClose={onClose}>
      {made ? (
        <InvitationLink invitation={made} onClose={onClose} />
      ) : (
        <InviteForm workspaceId={workspaceId} onMade={setMade} onClose={onClose} />
      )}
    </Dialog>
  );
}

interface InviteFormProps extends InviteDialogProps {
  onMade: (invitation: NewInvitation) => void;
}

function InviteForm({ workspaceId, onMade, onClose }: InviteFormProps) {
  const { t } = useTranslation(["workspace", "common"]);
  const [role, setRole] = useState<InvitedRole>("editor");
  const choices = useRoleChoices(INVITED_ROLES);
  const [invite] = useInviteMutation();
  const { form, refusal, isPending } = useSubmit<"email">(async ({ email }) => {
    const { data, error } = await invite({ workspaceId, invitationInput: { email, role } });
    if (data) onMade(data);
    return { error };
  });
  return (
    <Form {...form} className="flex flex-col gap-5">
      {refusal && <Notice tone="danger">{refusal}</Notice>}
      <Field
        name="email"
        type="email"
        autoFocus
        autoComplete="off"
        maxLength={EMAIL_MOST}
        label={t("email")}
        validate={(text) => (/^\s*\S+@\S+\s*$/.test(text) ? null : t("email_missing"))}
      />
      <Select
        label={t("role")}
        hint={t(`role_${role}_may`)}
        choices={choices}
        value={role}
        onChange={setRole}
      />
      <DialogActions>
        <Button variant="secondary" onPress={onClose}>
          {t("common:cancel")}
        </Button>
        <Button type="submit" isPending={isPending}>
          {t("invite_do")}
        </Button>
      </DialogActions>
    </Form>
  );
}

interface InvitationLinkProps {
  invitation: NewInvitation;
  onClose: () => void;
}

export function InvitationLink({ invitation, onClose }: InvitationLinkProps) {
  const { t } = useTranslation("workspace");
  const format = useFormat();
  const { email, link, expires_at } = invitation;
  return (
    <div className="flex flex-col gap-5">
      <p className="text-soft">{t("invited_text", { email, when: format.date(expires_at) })}</p>
      <CopyField label={t("invitation_link")} value={link} />
      <Notice tone="warning">{t("link_once")}</Notice>
      <DialogActions>
        <Button onPress={onClose}>{t("done")}</Button>
      </DialogActions>
    </div>
  );
}
