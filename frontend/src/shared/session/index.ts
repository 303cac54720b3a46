export { keepMark, refreshSession, startSession } from "./refresh";
export {
  secondFactorAsked,
  selectAccessToken,
  selectChallenge,
  selectStatus,
  selectWorkspaceId,
  sessionBegan,
  sessionEnded,
  sessionLost,
  sessionReducer,
  type WithSession,
  workspaceChosen,
} from "./session-slice";
export { onTabs, tellTabs } from "./tabs";
export { type Role, useSession } from "./use-session";
