import type { ReactNode, RefObject } from "react";
import { late } from "./late";

export interface PopoverProps {
  label: string;
  /** What opened it. */
  button: RefObject<HTMLButtonElement | null>;
  className?: string;
  onClose: () => void;
  children: ReactNode;
}

/** A little dialog beside its button, fetched with the first that is opened. */
export const Popover = late<PopoverProps>(() =>
  import("./popover-frame").then((m) => m.PopoverFrame),
);
