import { render } from "@testing-library/react";
import type { ComponentType } from "react";
import { Provider } from "react-redux";
import { createMemoryRouter, RouterProvider } from "react-router";
import { makeStore } from "@/app/store";
import { sessionBegan } from "@/shared/session";

interface Options {
  /** Where the screen stands, and what stands elsewhere. */
  at?: string;
  /** The pattern of its address, where it has parameters. */
  path?: string;
  elsewhere?: Record<string, ComponentType>;
  token?: string;
}

/** Show a screen with a store and a router of its own. */
export function show(
  Screen: ComponentType,
  { at = "/", path, elsewhere = {}, token }: Options = {},
) {
  const store = makeStore();
  if (token) store.dispatch(sessionBegan(token));
  const routes = Object.entries(elsewhere).map(([path, Component]) => ({ path, Component }));
  const here = new URL(at, location.origin).pathname;
  const router = createMemoryRouter([{ path: path ?? here, Component: Screen }, ...routes], {
    initialEntries: [at],
  });
  render(
    <Provider store={store}>
      <RouterProvider router={router} />
    </Provider>,
  );
  return { store, router };
}
