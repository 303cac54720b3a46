import type { ReactNode } from "react";
import type { Find } from "../words";

/** A text with the words that were looked for marked in it. */
export function Marked({ text, find }: { text: string; find: Find }) {
  const parts: ReactNode[] = [];
  let shown = 0;
  for (const { start, end } of find(text)) {
    parts.push(text.slice(shown, start));
    parts.push(
      <mark key={start} className="rounded-sm bg-mark text-mark-ink">
        {text.slice(start, end)}
      </mark>,
    );
    shown = end;
  }
  parts.push(text.slice(shown));
  return <>{parts}</>;
}
