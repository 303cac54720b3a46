import { lazy, Suspense } from "react";

const Inside = lazy(() => import("./shell").then(({ Shell: Loaded }) => ({ default: Loaded })));

/** Not part of what the log-in loads. */
export function Shell() {
  return (
    <Suspense fallback={null}>
      <Inside />
    </Suspense>
  );
}
