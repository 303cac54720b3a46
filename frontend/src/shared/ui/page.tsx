import { type ReactNode, useEffect } from "react";
import { classes } from "./classes";

/** A screen's head: its name (also the tab's), what it is for, and its deeds. */
interface PageProps {
  title: string;
  /** The tab's name, where it is another. */
  tabTitle?: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** Fills the room it is given: a chat, a lab. */
  isWide?: boolean;
  children: ReactNode;
}

export function Page({ title, tabTitle, lead, actions, isWide, children }: PageProps) {
  useTitle(tabTitle ?? title);
  return (
    <div className={classes("mx-auto w-full px-4 py-6 sm:px-8 sm:py-8", !isWide && "max-w-6xl")}>
      <header className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-4">
        <div className="min-w-0">
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          {lead && (
            <p className="mt-1 text-soft">
              <bdi>{lead}</bdi>
            </p>
          )}
        </div>
        {actions && <div className="flex flex-wrap gap-3">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title ? `${title} · ChatSphere` : "ChatSphere";
  }, [title]);
}

export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <div className={classes("rounded-lg border border-line bg-surface shadow-1", className)}>
      {children}
    </div>
  );
}
