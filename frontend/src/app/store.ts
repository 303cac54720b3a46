import { configureStore } from "@reduxjs/toolkit";
import { setupListeners } from "@reduxjs/toolkit/query";
import { baseApi } from "@/shared/api";
import {
  onTabs,
  refreshSession,
  sessionEnded,
  sessionReducer,
  workspaceChosen,
} from "@/shared/session";

const WORKSPACE = "chatsphere-workspace";

export function makeStore() {
  return configureStore({
    reducer: { session: sessionReducer, [baseApi.reducerPath]: baseApi.reducer },
    middleware: (middleware) => middleware().concat(baseApi.middleware),
  });
}

export type AppStore = ReturnType<typeof makeStore>;

/** What one person, or one workspace, was shown must not be shown to the next. */
function forgetWhatWasAnother(store: AppStore): void {
  let last = store.getState().session;
  store.subscribe(() => {
    const { session } = store.getState();
    const before = last;
    last = session;
    if (session.workspaceId !== before.workspaceId) {
      localStorage.setItem(WORKSPACE, session.workspaceId ?? "");
      store.dispatch(baseApi.util.resetApiState());
    } else if (session.status === "anonymous" && before.status === "active") {
      store.dispatch(baseApi.util.resetApiState());
    }
  });
}

/** The store of this tab, which hears what the others say. */
export function startStore(): AppStore {
  const store = makeStore();
  setupListeners(store.dispatch);
  store.dispatch(workspaceChosen(localStorage.getItem(WORKSPACE) || null));
  forgetWhatWasAnother(store);
  onTabs((said) => {
    if (said === "session-ended") store.dispatch(sessionEnded());
    else if (store.getState().session.status !== "active") void refreshSession(store.dispatch);
  });
  return store;
}
