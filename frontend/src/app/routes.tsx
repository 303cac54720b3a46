import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject, redirect } from "react-router";
import { paths } from "@/shared/paths";
import { Broken } from "./broken";
import { screen } from "./screen";
import { Shell } from "./shell/shell-route";
import type { AppStore } from "./store";

const entrance = (load: () => Promise<ComponentType>) => screen("entrance", load);

const outside: RouteObject[] = [
  {
    path: paths.login,
    lazy: entrance(() => import("@/features/entrance/login").then((m) => m.Login)),
  },
  {
    path: paths.secondFactor,
    lazy: entrance(() => import("@/features/entrance/second-factor").then((m) => m.SecondFactor)),
  },
  {
    path: paths.register,
    lazy: entrance(() => import("@/features/entrance/register").then((m) => m.Register)),
  },
  {
    path: paths.forgot,
    lazy: entrance(() => import("@/features/entrance/forgot").then((m) => m.Forgot)),
  },
  {
    path: paths.reset,
    lazy: entrance(() => import("@/features/entrance/reset").then((m) => m.Reset)),
  },
  {
    path: paths.verify,
    lazy: entrance(() => import("@/features/entrance/verify").then((m) => m.Verify)),
  },
  {
    path: paths.invitation,
    lazy: entrance(() => import("@/features/entrance/invitation").then((m) => m.Invitation)),
  },
];

/** Who is not logged in goes to the log-in first, and comes back to where they wanted to go. */
const guard =
  (store: AppStore) =>
  ({ request }: { request: Request }) => {
    const { status } = store.getState().session;
    if (status === "active" || status === "expired") return null;
    const { pathname, search } = new URL(request.url);
    const next = pathname === paths.home ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return redirect(paths.login + next);
  };

/** The ways in at once; all else with the first step behind them. */
export function makeRouter(store: AppStore) {
  const ways: RouteObject = {
    id: "ways",
    ErrorBoundary: Broken,
    HydrateFallback: () => null,
    children: outside,
  };
  return createBrowserRouter([ways], {
    async patchRoutesOnNavigation({ patch }) {
      const { inside } = await import("./inside-routes");
      const behindLogIn: RouteObject = {
        id: "inside",
        Component: Shell,
        loader: guard(store),
        shouldRevalidate: () => true,
        children: [{ ErrorBoundary: Broken, children: inside }],
      };
      patch("ways", [behindLogIn]);
    },
  });
}
