import { ChevronDown } from "lucide-react";
import { useId } from "react";
import { classes } from "./classes";
import { errorStyles, hintStyles, inputStyles, labelStyles } from "./field-styles";

export interface Choice<Id extends string> {
  id: Id;
  name: string;
}

interface SelectProps<Id extends string> {
  label: string;
  /** The label is read, not shown: its place says what it is about. */
  isLabelHidden?: boolean;
  hint?: string;
  /** What stands there before the choice. */
  placeholder?: string;
  error?: string;
  choices: readonly Choice<Id>[];
  value: Id | null;
  onChange: (value: Id) => void;
  isDisabled?: boolean;
  className?: string;
}

const UNCHOSEN = "unchosen";

interface OptionsProps<Id extends string> extends Pick<SelectProps<Id>, "choices" | "placeholder"> {
  isChosen: boolean;
}

function Options<Id extends string>(props: OptionsProps<Id>) {
  const { choices, placeholder, isChosen } = props;
  return (
    <>
      {!isChosen && (
        <option value={UNCHOSEN} disabled hidden>
          {placeholder}
        </option>
      )}
      {choices.map((choice) => (
        <option key={choice.id} value={choice.id} className="bg-surface text-ink">
          {choice.name}
        </option>
      ))}
    </>
  );
}

/** The browser's own: every device has its way to choose from it. */
export function Select<Id extends string>(props: SelectProps<Id>) {
  const { label, isLabelHidden, hint, error, choices, value, onChange, className } = props;
  const id = useId();
  const chosen = choices.find((choice) => choice.id === value)?.id;
  const choose = (id: string) => {
    const choice = choices.find((one) => one.id === id);
    if (choice) onChange(choice.id);
  };
  return (
    <div className={classes("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className={isLabelHidden ? "sr-only" : labelStyles}>
        {label}
      </label>
      <div className="relative">
        <select
          id={id}
          value={chosen ?? UNCHOSEN}
          onChange={(event) => choose(event.target.value)}
          disabled={props.isDisabled}
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-more` : undefined}
          className={`${inputStyles} h-10 cursor-pointer appearance-none truncate pe-9 ${chosen === undefined ? "text-faint" : ""}`}
        >
          <Options
            choices={choices}
            placeholder={props.placeholder}
            isChosen={chosen !== undefined}
          />
        </select>
        <ChevronDown
          aria-hidden
          className="pointer-events-none absolute end-3 top-3 size-4 text-faint"
        />
      </div>
      <div id={`${id}-more`} className="flex flex-col gap-1.5 empty:hidden">
        {hint && <span className={hintStyles}>{hint}</span>}
        {error && <span className={errorStyles}>{error}</span>}
      </div>
    </div>
  );
}
