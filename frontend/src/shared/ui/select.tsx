import { Check, ChevronDown } from "lucide-react";
import { Button } from "react-aria-components/Button";
import { FieldError } from "react-aria-components/FieldError";
import { Label } from "react-aria-components/Label";
import { ListBox, ListBoxItem } from "react-aria-components/ListBox";
import { Popover } from "react-aria-components/Popover";
import { Select as AriaSelect, SelectValue } from "react-aria-components/Select";
import { Text } from "react-aria-components/Text";
import { classes } from "./classes";
import { errorStyles, hintStyles, inputStyles, labelStyles } from "./field";
import { itemStyles, popoverStyles } from "./popover-styles";

export interface Choice<Id extends string> {
  id: Id;
  name: string;
}

interface SelectProps<Id extends string> {
  label: string;
  /** The label is read, not shown: its place says what it is about. */
  isLabelHidden?: boolean;
  hint?: string;
  error?: string;
  choices: readonly Choice<Id>[];
  value: Id | null;
  onChange: (value: Id) => void;
  isDisabled?: boolean;
  className?: string;
}

function Choices<Id extends string>({ choices }: Pick<SelectProps<Id>, "choices">) {
  return (
    <Popover className={`${popoverStyles} min-w-(--trigger-width)`}>
      <ListBox items={choices} className="outline-none">
        {(choice) => (
          <ListBoxItem id={choice.id} textValue={choice.name} className={itemStyles}>
            {({ isSelected }) => (
              <>
                <span className="grow">{choice.name}</span>
                {isSelected && <Check aria-hidden className="size-4 text-accent" />}
              </>
            )}
          </ListBoxItem>
        )}
      </ListBox>
    </Popover>
  );
}

export function Select<Id extends string>(props: SelectProps<Id>) {
  const { label, isLabelHidden, hint, error, choices, value, onChange, className } = props;
  return (
    <AriaSelect
      value={value}
      onChange={(key) => onChange(key as Id)}
      isDisabled={props.isDisabled}
      isInvalid={Boolean(error)}
      className={classes("flex flex-col gap-1.5", className)}
    >
      <Label className={isLabelHidden ? "sr-only" : labelStyles}>{label}</Label>
      <Button
        className={`${inputStyles} flex h-10 cursor-pointer items-center justify-between gap-2 text-start`}
      >
        <SelectValue className="truncate data-placeholder:text-faint" />
        <ChevronDown aria-hidden className="size-4 shrink-0 text-faint" />
      </Button>
      {hint && (
        <Text slot="description" className={hintStyles}>
          {hint}
        </Text>
      )}
      <FieldError className={errorStyles}>{error}</FieldError>
      <Choices choices={choices} />
    </AriaSelect>
  );
}
