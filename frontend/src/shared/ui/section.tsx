import { type ReactNode, useId } from "react";
import { classes } from "./classes";

interface SectionProps {
  title: string;
  /** What it is for, in a sentence or two. */
  lead?: ReactNode;
  /** What is lost here does not come back by itself. */
  isDangerous?: boolean;
  children: ReactNode;
}

/** One matter of a settings screen: what it is about beside what can be done; above it on a phone. */
export function Section({ title, lead, isDangerous, children }: SectionProps) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className="grid gap-x-10 gap-y-4 border-t border-line py-8 first:border-0 first:pt-0 lg:grid-cols-[minmax(0,1fr)_minmax(0,2fr)]"
    >
      <div>
        <h2 id={id} className={classes("text-lg font-semibold", isDangerous && "text-danger")}>
          {title}
        </h2>
        {lead && <div className="mt-1 text-sm text-soft">{lead}</div>}
      </div>
      <div className="min-w-0">{children}</div>
    </section>
  );
}
