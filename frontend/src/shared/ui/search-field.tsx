import { Search, X } from "lucide-react";
import { useRef } from "react";
import { PlainButton } from "./button";
import { classes } from "./classes";
import { inputStyles } from "./field-styles";

interface SearchFieldProps {
  label: string;
  clearLabel: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}

/** Esc empties it, as its button does. */
export function SearchField({ label, clearLabel, value, onChange, className }: SearchFieldProps) {
  const input = useRef<HTMLInputElement>(null);
  const clear = () => {
    onChange("");
    input.current?.focus();
  };
  return (
    <div className={classes("relative", className)}>
      <Search aria-hidden className="absolute start-3 top-3 size-4 text-faint" />
      <input
        ref={input}
        type="search"
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key !== "Escape" || value === "") return;
          event.preventDefault();
          event.stopPropagation();
          onChange("");
        }}
        autoComplete="off"
        className={`${inputStyles} h-10 px-9 [&::-webkit-search-cancel-button]:hidden`}
      />
      {value !== "" && (
        <PlainButton
          aria-label={clearLabel}
          tabIndex={-1}
          onPress={clear}
          className="absolute end-1 top-1 grid size-8 cursor-pointer place-items-center rounded-sm text-faint hover:text-ink"
        >
          <X aria-hidden className="size-4" />
        </PlainButton>
      )}
    </div>
  );
}
