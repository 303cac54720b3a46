import { classes } from "./classes";

export const labelStyles = "text-sm font-medium text-ink";
export const inputStyles = classes(
  "w-full rounded-md border border-line-strong bg-surface px-3 text-base text-ink",
  "transition-colors duration-150 placeholder:text-faint [&:read-only:not(button,select)]:bg-sunken",
  "data-invalid:border-danger aria-invalid:border-danger data-disabled:opacity-60 disabled:opacity-60",
);
export const hintStyles = "text-sm text-faint";
export const errorStyles = "text-sm text-danger";
