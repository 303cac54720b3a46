import { Suspense } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useTranslation } from "react-i18next";
import { Provider } from "react-redux";
import { RouterProvider } from "react-router/dom";
import type { makeRouter } from "./routes";
import type { AppStore } from "./store";

interface AppProps {
  store: AppStore;
  router: ReturnType<typeof makeRouter>;
}

export function App({ store, router }: AppProps) {
  const { i18n } = useTranslation();
  return (
    <Provider store={store}>
      <I18nProvider locale={i18n.language}>
        <Suspense>
          <RouterProvider router={router} />
        </Suspense>
      </I18nProvider>
    </Provider>
  );
}
