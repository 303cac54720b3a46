import type { ReactNode } from "react";
import { FieldError } from "react-aria-components/FieldError";
import { Input } from "react-aria-components/Input";
import { Label } from "react-aria-components/Label";
import { Text } from "react-aria-components/Text";
import { TextArea } from "react-aria-components/TextArea";
import { TextField, type TextFieldProps } from "react-aria-components/TextField";
import { classes } from "./classes";

export const labelStyles = "text-sm font-medium text-ink";
export const inputStyles = classes(
  "w-full rounded-md border border-line-strong bg-surface px-3 text-base text-ink",
  "transition-colors duration-150 placeholder:text-faint read-only:bg-sunken",
  "data-invalid:border-danger data-disabled:opacity-60",
);
export const hintStyles = "text-sm text-faint";
export const errorStyles = "text-sm text-danger";

export interface FieldProps extends Omit<TextFieldProps, "children" | "className"> {
  label: string;
  hint?: ReactNode;
  /** Where the form does not know it: what is wrong. */
  error?: string;
  placeholder?: string;
  /** More than one line. */
  rows?: number;
  className?: string;
}

/** A line, or lines, of text with its label, its hint and what is wrong with it. */
export function Field(props: FieldProps) {
  const { label, hint, error, placeholder, rows, className, ...field } = props;
  return (
    <TextField
      {...field}
      isInvalid={error ? true : undefined}
      className={classes("flex flex-col gap-1.5", className)}
    >
      <Label className={labelStyles}>{label}</Label>
      {rows ? (
        <TextArea
          rows={rows}
          placeholder={placeholder}
          className={`${inputStyles} resize-y py-2`}
        />
      ) : (
        <Input placeholder={placeholder} className={`${inputStyles} h-10`} />
      )}
      {hint && (
        <Text slot="description" className={hintStyles}>
          {hint}
        </Text>
      )}
      <FieldError className={errorStyles}>{error}</FieldError>
    </TextField>
  );
}
