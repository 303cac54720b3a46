import { useId } from "react";
import { errorStyles, hintStyles, labelStyles } from "@/shared/ui/field-styles";

export interface ChoiceOption {
  id: string;
  name: string;
  hint?: string;
}

interface ChoiceFieldProps {
  label: string;
  hint?: string;
  error?: string;
  options: readonly ChoiceOption[];
  value: string;
  onChange: (id: string) => void;
  isReadOnly?: boolean;
}

interface OptionProps {
  option: ChoiceOption;
  group: string;
  isChosen: boolean;
  isDisabled: boolean;
  onChoose: () => void;
}

function Option({ option, group, isChosen, isDisabled, onChoose }: OptionProps) {
  return (
    <label className="relative flex cursor-pointer items-start gap-3 rounded-md border border-line bg-surface px-3.5 py-3 transition-colors duration-150 hover:border-line-strong has-checked:border-accent has-checked:bg-accent-soft/40 has-disabled:cursor-default has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-focus">
      <input
        type="radio"
        name={group}
        value={option.id}
        checked={isChosen}
        disabled={isDisabled}
        onChange={onChoose}
        className="peer absolute size-5 opacity-0"
      />
      <span
        aria-hidden
        className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-full border border-line-strong bg-surface peer-checked:border-accent"
      >
        {isChosen && <span className="size-2.5 rounded-full bg-accent" />}
      </span>
      <span className="min-w-0">
        <span className="block text-sm font-medium">{option.name}</span>
        {option.hint && <span className="block text-sm text-soft">{option.hint}</span>}
      </span>
    </label>
  );
}

/** One of a few, each with what it means. */
export function ChoiceField(props: ChoiceFieldProps) {
  const { label, hint, error, options, value, onChange, isReadOnly = false } = props;
  const id = useId();
  return (
    <div
      role="radiogroup"
      aria-labelledby={`${id}-label`}
      aria-describedby={`${id}-more`}
      data-invalid={error ? true : undefined}
      className="flex flex-col gap-1.5"
    >
      <span id={`${id}-label`} className={labelStyles}>
        {label}
      </span>
      <span id={`${id}-more`} className="flex flex-col gap-1.5 empty:hidden">
        {hint && <span className={hintStyles}>{hint}</span>}
        {error && <span className={errorStyles}>{error}</span>}
      </span>
      <div className="mt-0.5 flex flex-col gap-2">
        {options.map((option) => (
          <Option
            key={option.id}
            option={option}
            group={id}
            isChosen={option.id === value}
            isDisabled={isReadOnly && option.id !== value}
            onChoose={() => onChange(option.id)}
          />
        ))}
      </div>
    </div>
  );
}
