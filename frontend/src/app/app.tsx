import { Suspense } from "react";
import { Provider } from "react-redux";
import { RouterProvider } from "react-router/dom";
import type { makeRouter } from "./routes";
import type { AppStore } from "./store";

interface AppProps {
  store: AppStore;
  router: ReturnType<typeof makeRouter>;
}

export function App({ store, router }: AppProps) {
  return (
    <Provider store={store}>
      <Suspense>
        <RouterProvider router={router} />
      </Suspense>
    </Provider>
  );
}
