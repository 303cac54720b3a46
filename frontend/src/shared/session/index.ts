export { refreshSession } from "./refresh";
export {
  secondFactorAsked,
  selectChallenge,
  selectStatus,
  selectWorkspaceId,
  sessionBegan,
  sessionEnded,
  sessionReducer,
  type WithSession,
  workspaceChosen,
} from "./session-slice";
export { onTabs, tellTabs } from "./tabs";
export { type Role, useSession } from "./use-session";
