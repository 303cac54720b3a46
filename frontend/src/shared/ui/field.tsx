import { type ComponentProps, type FocusEvent, type ReactNode, useId, useRef } from "react";
import { classes } from "./classes";
import { errorStyles, hintStyles, inputStyles, labelStyles } from "./field-styles";
import { useValidity, type Validate } from "./use-validity";

type Control = HTMLInputElement | HTMLTextAreaElement;

type Native = Pick<
  ComponentProps<"input">,
  | "name"
  | "type"
  | "value"
  | "defaultValue"
  | "autoComplete"
  | "autoFocus"
  | "inputMode"
  | "minLength"
  | "maxLength"
  | "spellCheck"
  | "placeholder"
>;

export interface FieldProps extends Native {
  label: string;
  hint?: ReactNode;
  /** Where the form does not know it: what is wrong. */
  error?: string;
  /** More than one line. */
  rows?: number;
  isRequired?: boolean;
  isReadOnly?: boolean;
  isDisabled?: boolean;
  validate?: Validate;
  onChange?: (value: string) => void;
  onBlur?: (event: FocusEvent<Control>) => void;
  onKeyDown?: ComponentProps<"div">["onKeyDown"];
  className?: string;
}

/** A line, or lines, of text with its label, its hint and what is wrong with it. */
export function Field(props: FieldProps) {
  const { label, hint, error, rows, isRequired, isReadOnly, isDisabled, ...rest } = props;
  const { validate, onChange, onBlur, onKeyDown, className, ...native } = rest;
  const id = useId();
  const control = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const { shown, onTyped, onLeft } = useValidity(control, native.name, validate);
  const wrong = error || shown;
  const all = {
    ...native,
    id,
    ref: control,
    required: isRequired,
    readOnly: isReadOnly,
    disabled: isDisabled,
    "aria-invalid": wrong ? true : undefined,
    "aria-describedby": classes(Boolean(hint) && `${id}-hint`, wrong && `${id}-error`) || undefined,
    onChange: ({ target }: { target: { value: string } }) => {
      onTyped();
      onChange?.(target.value);
    },
    onBlur: (event: FocusEvent<Control>) => {
      onLeft();
      onBlur?.(event);
    },
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys are the control's
    <div onKeyDown={onKeyDown} className={classes("flex flex-col gap-1.5", className)}>
      <label htmlFor={id} className={labelStyles}>
        {label}
      </label>
      {rows ? (
        <textarea {...all} rows={rows} className={`${inputStyles} resize-y py-2`} />
      ) : (
        <input type="text" {...all} className={`${inputStyles} h-10`} />
      )}
      {hint && (
        <span id={`${id}-hint`} className={hintStyles}>
          {hint}
        </span>
      )}
      {wrong && (
        <span id={`${id}-error`} className={errorStyles}>
          {wrong}
        </span>
      )}
    </div>
  );
}
