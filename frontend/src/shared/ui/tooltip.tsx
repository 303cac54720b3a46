import { type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from "react";
import { ButtonContext } from "./button";

const GAP = 6;
const MARGIN = 8;

interface TooltipProps {
  text: ReactNode;
  /** A Button. */
  children: ReactNode;
  delay?: number;
  className?: string;
}

// A focus that came of a pointer's press, or went back where one was, opens nothing.
let isPointed = false;
for (const name of ["pointerdown", "keydown"]) {
  const keep = () => {
    isPointed = name === "pointerdown";
  };
  document.addEventListener(name, keep, true);
}

/** Over everything, above its button where there is room, below it where there is none. */
function place(tip: HTMLElement, button: HTMLElement): void {
  if ("showPopover" in tip) {
    tip.popover = "manual";
    tip.showPopover();
  }
  const at = button.getBoundingClientRect();
  const { width, height } = tip.getBoundingClientRect();
  const most = document.documentElement.clientWidth - width - MARGIN;
  const left = Math.max(MARGIN, Math.min(at.left + (at.width - width) / 2, most));
  const above = at.top - height - GAP;
  tip.style.left = `${left}px`;
  tip.style.top = `${above < MARGIN ? at.bottom + GAP : above}px`;
}

/** Open while the pointer is over the button or the tip, or the keyboard's focus on the button, until Esc. */
function useOpen() {
  const [isOpen, setOpen] = useState(false);
  const timer = useRef(0);
  const later = (open: boolean, ms: number) => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => setOpen(open), ms);
  };
  const now = (open: boolean) => {
    clearTimeout(timer.current);
    setOpen(open);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!isOpen) return;
    const close = () => setOpen(false);
    const onKey = (event: KeyboardEvent) => event.key === "Escape" && close();
    document.addEventListener("keydown", onKey, true);
    window.addEventListener("scroll", close, true);
    return () => {
      document.removeEventListener("keydown", onKey, true);
      window.removeEventListener("scroll", close, true);
    };
  }, [isOpen]);
  return { isOpen, later, now };
}

/** Says more about the button inside it; never the only place where something stands. */
export function Tooltip({ text, children, delay = 400, className = SMALL }: TooltipProps) {
  const id = useId();
  const button = useRef<HTMLButtonElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const { isOpen, later, now } = useOpen();
  useLayoutEffect(() => {
    if (isOpen && tip.current && button.current) place(tip.current, button.current);
  }, [isOpen]);
  const leave = () => later(false, 100);
  const forButton = {
    ref: button,
    "aria-describedby": isOpen ? id : undefined,
    onPointerEnter: ({ pointerType }: { pointerType: string }) =>
      pointerType !== "touch" && later(true, delay),
    onPointerLeave: leave,
    onFocus: () => !isPointed && now(true),
    onBlur: () => now(false),
    onClick: () => now(false),
  };
  return (
    <>
      <ButtonContext value={forButton}>{children}</ButtonContext>
      {isOpen && (
        <span
          ref={tip}
          id={id}
          role="tooltip"
          onPointerEnter={() => now(true)}
          onPointerLeave={leave}
          className={`fixed inset-auto z-50 animate-enter ${className}`}
        >
          {text}
        </span>
      )}
    </>
  );
}

const SMALL = "max-w-64 rounded-sm bg-ink px-2 py-1 text-xs text-canvas shadow-2";
