import { createSlice, type PayloadAction } from "@reduxjs/toolkit";

/**
 * Who is there is not known until the first refresh was answered. A session that ended by itself is
 * expired: its person is here still, with what they typed.
 */
export type SessionStatus = "unknown" | "anonymous" | "active" | "expired";

interface SessionState {
  status: SessionStatus;
  /** In memory only: what is kept for the next visit is a cookie that scripts cannot read. */
  accessToken: string | null;
  workspaceId: string | null;
  /** Of a log-in that waits for its second factor; null where a cookie holds it. */
  challenge: string | null;
}

const initialState: SessionState = {
  status: "unknown",
  accessToken: null,
  workspaceId: null,
  challenge: null,
};

const sessionSlice = createSlice({
  name: "session",
  initialState,
  reducers: {
    sessionBegan(state, { payload }: PayloadAction<string>) {
      state.status = "active";
      state.accessToken = payload;
      state.challenge = null;
    },
    sessionEnded(state) {
      state.status = "anonymous";
      state.accessToken = null;
      state.challenge = null;
    },
    sessionLost(state) {
      const wasHere = state.status === "active" || state.status === "expired";
      state.status = wasHere ? "expired" : "anonymous";
      state.accessToken = null;
      state.challenge = null;
    },
    secondFactorAsked(state, { payload }: PayloadAction<string | null>) {
      state.challenge = payload;
    },
    workspaceChosen(state, { payload }: PayloadAction<string | null>) {
      state.workspaceId = payload;
    },
  },
  selectors: {
    selectStatus: (state) => state.status,
    selectAccessToken: (state) => state.accessToken,
    selectWorkspaceId: (state) => state.workspaceId,
    selectChallenge: (state) => state.challenge,
  },
});

export const sessionReducer = sessionSlice.reducer;
export const { sessionBegan, sessionEnded, sessionLost, secondFactorAsked, workspaceChosen } =
  sessionSlice.actions;
export const { selectStatus, selectAccessToken, selectWorkspaceId, selectChallenge } =
  sessionSlice.selectors;

/** What the store holds as far as shared code may know. */
export interface WithSession {
  session: SessionState;
}
