import { Search, X } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { Input } from "react-aria-components/Input";
import { SearchField as AriaSearchField } from "react-aria-components/SearchField";
import { classes } from "./classes";
import { inputStyles } from "./field";

interface SearchFieldProps {
  label: string;
  clearLabel: string;
  value: string;
  onChange: (value: string) => void;
  className?: string;
}

export function SearchField({ label, clearLabel, value, onChange, className }: SearchFieldProps) {
  return (
    <AriaSearchField
      aria-label={label}
      value={value}
      onChange={onChange}
      className={classes("group relative", className)}
    >
      <Search aria-hidden className="absolute start-3 top-3 size-4 text-faint" />
      <Input
        placeholder={label}
        className={`${inputStyles} h-10 px-9 [&::-webkit-search-cancel-button]:hidden`}
      />
      <Button
        aria-label={clearLabel}
        className="absolute end-1 top-1 grid size-8 cursor-pointer place-items-center rounded-sm text-faint group-data-empty:hidden hover:text-ink"
      >
        <X aria-hidden className="size-4" />
      </Button>
    </AriaSearchField>
  );
}
