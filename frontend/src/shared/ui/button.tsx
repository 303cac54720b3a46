import { LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  type ButtonProps as AriaButtonProps,
} from "react-aria-components/Button";
import { type ButtonSize, type ButtonVariant, buttonStyles } from "./button-styles";

export interface ButtonProps extends Omit<AriaButtonProps, "className" | "children"> {
  variant?: ButtonVariant;
  size?: ButtonSize;
  className?: string;
  children: ReactNode;
}

/** Pending keeps its width and its focus, and is announced; it only does nothing. */
export function Button({
  variant = "primary",
  size = "md",
  className,
  children,
  ...props
}: ButtonProps) {
  return (
    <AriaButton {...props} className={buttonStyles(variant, size, className)}>
      {({ isPending }) =>
        isPending ? (
          <span className="relative inline-flex items-center gap-2">
            <span className="inline-flex items-center gap-2 opacity-30">{children}</span>
            <LoaderCircle aria-hidden className="absolute inset-0 m-auto size-4 animate-spin" />
          </span>
        ) : (
          children
        )
      }
    </AriaButton>
  );
}
