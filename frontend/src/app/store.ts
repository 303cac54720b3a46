import { configureStore, type Middleware } from "@reduxjs/toolkit";
import { setupListeners } from "@reduxjs/toolkit/query";
import { baseApi } from "@/shared/api";
import {
  keepMark,
  onTabs,
  refreshSession,
  sessionEnded,
  sessionLost,
  sessionReducer,
  workspaceChosen,
} from "@/shared/session";
import { subjectOf } from "./subject";

const WORKSPACE = "chatsphere-workspace";

/** What is done before a session or a workspace is left, as the one that is left. */
const leaving = new Set<() => void>();

export const beforeLeaving = (deed: () => void): void => void leaving.add(deed);

const tellBeforeLeaving: Middleware = () => (next) => (action) => {
  if (workspaceChosen.match(action) || sessionEnded.match(action)) {
    for (const deed of leaving) deed();
  }
  return next(action);
};

const configured = () =>
  configureStore({
    reducer: { session: sessionReducer, [baseApi.reducerPath]: baseApi.reducer },
    middleware: (middleware) => middleware().concat(tellBeforeLeaving, baseApi.middleware),
  });

export type AppStore = ReturnType<typeof configured>;

/** What one person, or one workspace, was shown must not be shown to the next. */
function forgetWhatWasAnother(store: AppStore): void {
  let last = store.getState().session;
  let person: string | null = null;
  const isAnother = (token: string | null) => {
    const before = person;
    person = subjectOf(token) ?? person;
    return before !== null && before !== person;
  };
  store.subscribe(() => {
    const { session } = store.getState();
    const before = last;
    last = session;
    const isOther = session.accessToken !== before.accessToken && isAnother(session.accessToken);
    if (session.status !== before.status) keepMark(session.status === "active");
    if (session.workspaceId !== before.workspaceId) {
      localStorage.setItem(WORKSPACE, session.workspaceId ?? "");
      store.dispatch(baseApi.util.resetApiState());
    } else if (isOther || (session.status === "anonymous" && before.status !== "anonymous")) {
      store.dispatch(baseApi.util.resetApiState());
    }
  });
}

export function makeStore(): AppStore {
  const store = configured();
  forgetWhatWasAnother(store);
  return store;
}

/** The store of this tab, which hears what the others say. */
export function startStore(): AppStore {
  const store = makeStore();
  setupListeners(store.dispatch);
  store.dispatch(workspaceChosen(localStorage.getItem(WORKSPACE) || null));
  onTabs((said) => {
    const { status } = store.getState().session;
    if (said === "session-ended") store.dispatch(sessionEnded());
    else if (said === "session-lost") store.dispatch(sessionLost());
    else if (status !== "active") void refreshSession(store.dispatch).catch(() => false);
  });
  return store;
}
