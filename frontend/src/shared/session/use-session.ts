import { useSelector } from "react-redux";
import { type Profile, useMeQuery, type Workspace } from "@/shared/api/entrance";
import { selectWorkspaceId, type WithSession } from "./session-slice";

const ROLES = ["viewer", "editor", "admin", "owner"] as const;
export type Role = (typeof ROLES)[number];

interface Session {
  user: Profile | undefined;
  workspaces: Workspace[];
  workspace: Workspace | undefined;
  /** Whether the role in the workspace in use is this one or more. The server decides; this only hides. */
  may: (least: Role) => boolean;
  isLoading: boolean;
}

export function useSession(): Session {
  const { data, isLoading } = useMeQuery();
  const chosen = useSelector((state: WithSession) => selectWorkspaceId(state));
  const workspaces = data?.workspaces ?? [];
  const workspace = workspaces.find(({ id }) => id === chosen) ?? workspaces[0];
  const rank = ROLES.indexOf(workspace?.role as Role);
  return {
    user: data?.user,
    workspaces,
    workspace,
    may: (least) => rank >= ROLES.indexOf(least),
    isLoading,
  };
}
