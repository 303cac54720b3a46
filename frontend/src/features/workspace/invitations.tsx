import { Mail } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Invitation, type NewInvitation, useInviteMutation } from "@/shared/api/inside";
import { useAllInvitationsQuery } from "@/shared/api/whole-lists";
import { useFormat } from "@/shared/i18n/use-format";
import { Badge, Button, Card, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { Dialog } from "@/shared/ui/dialog";
import { notify } from "@/shared/ui/toast";
import { useUndoableDelete } from "@/shared/undo";
import { useProblemText } from "@/shared/use-problem-text";
import { InvitationLink } from "./invite-dialog";

/** Those that nobody accepted yet. */
export function Invitations({ workspaceId }: { workspaceId: string }) {
  const { t } = useTranslation(["workspace", "common"]);
  const textOf = useProblemText();
  const { data, error, refetch, isFetching } = useAllInvitationsQuery(workspaceId);
  const [made, setMade] = useState<NewInvitation | null>(null);
  return (
    <section aria-labelledby="invitations">
      <h2 id="invitations" className="mb-3 text-lg font-semibold">
        {t("invitations")}
      </h2>
      {data && <Open workspaceId={workspaceId} invitations={data} onMade={setMade} />}
      {!data && !error && (
        <Loading label={t("common:loading")}>
          <Skeleton className="h-18 w-full rounded-lg" />
        </Loading>
      )}
      {!data && error && (
        <ErrorState
          title={t("invitations_failed")}
          detail={textOf(error)}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
        />
      )}
      <Dialog isOpen={made !== null} title={t("invited_title")} onClose={() => setMade(null)}>
        {made && <InvitationLink invitation={made} onClose={() => setMade(null)} />}
      </Dialog>
    </section>
  );
}

interface OpenProps {
  workspaceId: string;
  invitations: readonly Invitation[];
  onMade: (invitation: NewInvitation) => void;
}

function Open({ workspaceId, invitations, onMade }: OpenProps) {
  const { t } = useTranslation("workspace");
  const { remove, isHidden } = useUndoableDelete();
  const shown = invitations.filter(({ id }) => !isHidden(id));
  if (shown.length === 0) {
    return (
      <p className="flex min-h-18 items-center gap-3 rounded-lg border border-dashed border-line-strong/60 p-4 text-soft">
        <Mail aria-hidden className="size-5 shrink-0 text-faint" />
        {t("invitations_none")}
      </p>
    );
  }
  const revoke = ({ id, email }: Invitation) =>
    remove({
      items: [{ id, name: email, path: `/api/v1/workspaces/${workspaceId}/invitations/${id}` }],
      tags: ["Workspaces"],
    });
  return (
    <Card>
      <ul className="divide-y divide-line">
        {shown.map((invitation) => (
          <Row
            key={invitation.id}
            workspaceId={workspaceId}
            invitation={invitation}
            onMade={onMade}
            onRevoke={() => revoke(invitation)}
          />
        ))}
      </ul>
    </Card>
  );
}

interface RowProps {
  workspaceId: string;
  invitation: Invitation;
  onMade: (invitation: NewInvitation) => void;
  onRevoke: () => void;
}

/** Only a hash of the link is kept: who lost it makes a new one, and the old one is worth nothing. */
function Row({ workspaceId, invitation, onMade, onRevoke }: RowProps) {
  const { t } = useTranslation("workspace");
  const format = useFormat();
  const textOf = useProblemText();
  const [invite, { isLoading }] = useInviteMutation();
  const { email, role, expires_at } = invitation;
  const isExpired = Date.parse(expires_at) <= Date.now();
  const again = async () => {
    const { data, error } = await invite({ workspaceId, invitationInput: { email, role } });
    if (data) onMade(data);
    else notify.error(t("invite_failed"), { description: textOf(error) });
  };
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 p-4">
      <div className="min-w-40 flex-1">
        <p className="font-medium">{email}</p>
        <p className="text-sm text-soft">
          {t(isExpired ? "expired_at" : "expires_at", { when: format.date(expires_at) })}
        </p>
      </div>
      <Badge>{t(`role_${role}`)}</Badge>
      <div className="flex gap-2">
        <Button
          variant="secondary"
          size="sm"
          aria-label={t("new_link_for", { email })}
          isPending={isLoading}
          onPress={() => void again()}
        >
          {t("new_link")}
        </Button>
        <Button
          variant="quiet"
          size="sm"
          aria-label={t("revoke_invitation", { email })}
          onPress={onRevoke}
        >
          {t("revoke")}
        </Button>
      </div>
    </li>
  );
}
