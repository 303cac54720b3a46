import { lazy, Suspense } from "react";
import { loadTexts } from "@/shared/i18n";

const Inside = lazy(async () => {
  const [{ Shell: Loaded }] = await Promise.all([import("./shell"), loadTexts("shell")]);
  return { default: Loaded };
});

/** Not part of what the log-in loads. */
export function Shell() {
  return (
    <Suspense fallback={null}>
      <Inside />
    </Suspense>
  );
}
