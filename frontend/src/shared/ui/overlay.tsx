import type { ReactNode } from "react";
import { late } from "./late";

export interface OverlayProps {
  "aria-label"?: string;
  "aria-labelledby"?: string;
  role?: "dialog" | "alertdialog";
  /** Where the box stands on the veil. */
  veil?: string;
  /** The box. */
  className: string;
  /** What holds the content in it. */
  inside?: string;
  /** Esc does not close it. */
  isHeld?: boolean;
  /** A click beside it closes it. */
  isDismissable?: boolean;
  onClose: () => void;
  children: ReactNode;
}

/** What comes over everything, keeps the focus, and gives it back: fetched with the first that is opened. */
export const Overlay = late<OverlayProps>(() =>
  import("./overlay-frame").then((m) => m.OverlayFrame),
);
