import { UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useAllMembersQuery } from "@/shared/api/whole-lists";
import { useSession } from "@/shared/session";
import { Button, Card, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { Invitations } from "./invitations";
import { InviteDialog } from "./invite-dialog";
import { MemberRow } from "./member-row";
import { RolesExplained } from "./roles";

/** Who is in the workspace and as what; who manages them may also invite. */
export function Members() {
  const { workspace, may } = useSession();
  if (!workspace) return null;
  const isManager = may("admin");
  return (
    <div className="flex flex-col gap-10">
      <MemberList workspaceId={workspace.id} isManager={isManager} />
      {isManager && <Invitations workspaceId={workspace.id} />}
      <RolesExplained />
    </div>
  );
}

interface MemberListProps {
  workspaceId: string;
  isManager: boolean;
}

function MemberList({ workspaceId, isManager }: MemberListProps) {
  const { t } = useTranslation("workspace");
  const { data } = useAllMembersQuery(workspaceId);
  const [isInviting, setInviting] = useState(false);
  return (
    <section aria-labelledby="members">
      <div className="mb-3 flex min-h-10 flex-wrap items-center justify-between gap-3">
        <h2 id="members" className="text-lg font-semibold">
          {data ? t("members_count", { count: data.length }) : t("tab_members")}
        </h2>
        {isManager && (
          <Button onPress={() => setInviting(true)}>
            <UserPlus aria-hidden className="size-4" />
            {t("invite")}
          </Button>
        )}
      </div>
      <Found workspaceId={workspaceId} />
      {!isManager && <p className="mt-3 text-sm text-soft">{t("members_read_only")}</p>}
      {isInviting && <InviteDialog workspaceId={workspaceId} onClose={() => setInviting(false)} />}
    </section>
  );
}

function Found({ workspaceId }: { workspaceId: string }) {
  const { t } = useTranslation(["workspace", "common"]);
  const textOf = useProblemText();
  const { data, error, refetch, isFetching } = useAllMembersQuery(workspaceId);
  if (data) {
    const owners = data.filter(({ role }) => role === "owner").length;
    return (
      <Card>
        <ul className="divide-y divide-line">
          {data.map((member) => (
            <MemberRow
              key={member.user_id}
              workspaceId={workspaceId}
              member={member}
              isLastOwner={member.role === "owner" && owners === 1}
            />
          ))}
        </ul>
      </Card>
    );
  }
  if (error) {
    return (
      <ErrorState
        title={t("members_failed")}
        detail={textOf(error)}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  return (
    <Loading label={t("common:loading")}>
      <Skeleton className="h-18 w-full rounded-lg" />
    </Loading>
  );
}
