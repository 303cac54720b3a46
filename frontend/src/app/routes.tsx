import type { ComponentType } from "react";
import { createBrowserRouter, type RouteObject, redirect } from "react-router";
import { loadTexts } from "@/shared/i18n";
import { paths } from "@/shared/paths";
import { Broken } from "./broken";
import { Shell } from "./shell/shell-route";
import type { AppStore } from "./store";

/** A screen with its feature's texts, fetched side by side when it is gone to. */
const screen = (feature: string, load: () => Promise<ComponentType>) => async () => {
  const [Component] = await Promise.all([load(), loadTexts(feature)]);
  return { Component };
};

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

const inside: RouteObject[] = [
  {
    path: paths.home,
    lazy: screen("home", () => import("@/features/home/home").then((m) => m.Home)),
  },
  {
    path: paths.bots,
    lazy: screen("bots", () => import("@/features/bots/bots").then((m) => m.Bots)),
  },
  {
    path: paths.newBot,
    lazy: screen("bots", () => import("@/features/bots/bots").then((m) => m.NewBot)),
  },
  { path: "*", lazy: () => import("./not-found").then((m) => ({ Component: m.NotFound })) },
];

/** Who is not logged in goes to the log-in first, and comes back to where they wanted to go. */
const guard =
  (store: AppStore) =>
  ({ request }: { request: Request }) => {
    if (store.getState().session.status === "active") return null;
    const { pathname, search } = new URL(request.url);
    const next = pathname === paths.home ? "" : `?next=${encodeURIComponent(pathname + search)}`;
    return redirect(paths.login + next);
  };

export function makeRouter(store: AppStore) {
  return createBrowserRouter([
    {
      ErrorBoundary: Broken,
      HydrateFallback: () => null,
      children: [
        ...outside,
        {
          Component: Shell,
          loader: guard(store),
          shouldRevalidate: () => true,
          children: [{ ErrorBoundary: Broken, children: inside }],
        },
      ],
    },
  ]);
}
