import { classes } from "./classes";

export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";
export type ButtonSize = "sm" | "md" | "icon";

const VARIANTS: Record<ButtonVariant, string> = {
  primary: "bg-accent text-accent-ink shadow-1 hover:bg-accent-hover",
  secondary: "border border-line-strong/60 bg-surface text-ink shadow-1 hover:bg-hover",
  quiet: "text-soft hover:bg-hover hover:text-ink",
  danger: "bg-danger text-danger-ink shadow-1 hover:bg-danger-hover",
};

// 24 px are the least that WCAG 2.2 asks of a target; ours are larger.
const SIZES: Record<ButtonSize, string> = {
  sm: "min-h-8 px-3 text-sm",
  md: "min-h-10 px-4 text-base",
  icon: "size-9 justify-center",
};

export const buttonStyles = (variant: ButtonVariant, size: ButtonSize, extra?: string): string =>
  classes(
    "inline-flex cursor-pointer items-center justify-center gap-2 rounded-md font-medium no-underline",
    "transition-colors duration-150 ease-calm select-none active:translate-y-px",
    "disabled:cursor-not-allowed disabled:opacity-60",
    VARIANTS[variant],
    SIZES[size],
    extra,
  );
