export const popoverStyles =
  "min-w-48 overflow-auto rounded-lg border border-line bg-surface p-1 shadow-2 data-entering:animate-enter";

export const itemStyles =
  "flex min-h-9 cursor-pointer items-center gap-2 rounded-sm px-2.5 py-1.5 text-sm text-ink no-underline outline-none data-focused:bg-hover data-disabled:cursor-not-allowed data-disabled:opacity-60";
