import { useSession } from "@/shared/session";
import { DeletedWorkspaces } from "./deleted-workspaces";
import { General } from "./general";
import { Leaving } from "./leaving";
import { Ownership } from "./ownership";
import { ProviderKeys } from "./provider-keys";
import { TakeAlong } from "./take-along";

/** What holds for the whole workspace; what the role may not change is left out. */
export function Settings() {
  const { workspace, may } = useSession();
  if (!workspace) return null;
  const isOwner = may("owner");
  return (
    <>
      <General id={workspace.id} isReadOnly={!may("admin")} />
      {may("admin") && <ProviderKeys />}
      {isOwner && <TakeAlong workspace={workspace} />}
      {isOwner && <Ownership workspace={workspace} />}
      <Leaving workspace={workspace} isOwner={isOwner} />
      <DeletedWorkspaces />
    </>
  );
}
