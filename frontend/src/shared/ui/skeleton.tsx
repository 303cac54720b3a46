import { classes } from "./classes";

/** Stands where something will be, in its size: nothing moves when it comes. */
export function Skeleton({ className }: { className: string }) {
  return <div className={classes("animate-breathe rounded-sm bg-hover", className)} />;
}

/** What waits, said once for those who do not see it. */
export function Loading({ label, children }: { label: string; children: React.ReactNode }) {
  return (
    <div role="status" aria-busy="true">
      <span className="sr-only">{label}</span>
      <div aria-hidden>{children}</div>
    </div>
  );
}
