import type { ReactNode } from "react";
import { Tooltip as AriaTooltip, TooltipTrigger } from "react-aria-components/Tooltip";

/** Says more about the button inside it; never the only place where something stands. */
export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <TooltipTrigger delay={400}>
      {children}
      <AriaTooltip
        offset={6}
        className="max-w-64 rounded-sm bg-ink px-2 py-1 text-xs text-canvas shadow-2 data-entering:animate-enter"
      >
        {text}
      </AriaTooltip>
    </TooltipTrigger>
  );
}
