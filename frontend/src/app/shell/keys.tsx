const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

/** Keys as they are written on the keyboard; "Mod" is Ctrl, or what a Mac has in its place. */
export function Keys({ keys }: { keys: readonly string[] }) {
  return (
    <span className="flex gap-1">
      {keys.map((key) => (
        <kbd
          key={key}
          className="inline-flex h-6 min-w-6 items-center justify-center rounded-sm border whitespace-nowrap border-line bg-sunken px-1.5 font-sans text-xs text-soft"
        >
          {key === "Mod" ? (isApple ? "⌘" : "Ctrl") : key}
        </kbd>
      ))}
    </span>
  );
}
