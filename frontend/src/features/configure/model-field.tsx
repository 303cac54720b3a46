import { ChevronDown } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { ModelChoice } from "@/shared/api/inside";
import { classes } from "@/shared/ui";
import { PlainButton } from "@/shared/ui/button";
import { errorStyles, hintStyles, inputStyles, labelStyles } from "@/shared/ui/field-styles";
import { ModelOptions, optionId } from "./model-options";
import { useSuggestions } from "./use-suggestions";

interface ModelFieldProps {
  label: string;
  /** Its place says what it is about. */
  isLabelHidden?: boolean;
  hint?: string;
  error?: string;
  placeholder?: string;
  models: readonly ModelChoice[];
  value: string;
  onChange: (value: string) => void;
  isReadOnly?: boolean;
  className?: string;
}

/** A model that is there, or any other by its name: providers have more than a list can tell. */
export function ModelField(props: ModelFieldProps) {
  const { label, isLabelHidden, hint, error, placeholder, models, value, isReadOnly } = props;
  const id = useId();
  const list = `${id}-list`;
  const suggestions = useSuggestions(props);
  const { shown, isOpen, marked } = suggestions;
  return (
    <div className={classes("flex flex-col gap-1.5", props.className)}>
      <label id={`${id}-label`} htmlFor={id} className={isLabelHidden ? "sr-only" : labelStyles}>
        {label}
      </label>
      <div className="relative">
        <input
          ref={suggestions.field}
          id={id}
          type="text"
          role="combobox"
          aria-expanded={isOpen}
          aria-controls={list}
          aria-activedescendant={marked && optionId(list, marked)}
          aria-autocomplete="list"
          aria-invalid={error ? true : undefined}
          aria-describedby={hint || error ? `${id}-more` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={placeholder}
          value={value}
          readOnly={isReadOnly}
          onChange={(event) => suggestions.type(event.target.value)}
          onKeyDown={suggestions.onKeyDown}
          onBlur={suggestions.close}
          className={`${inputStyles} h-10 pe-10`}
        />
        {models.length > 0 && !isReadOnly && <Opener id={id} {...suggestions} />}
        {isOpen && <ModelOptions id={list} label={label} models={shown} {...suggestions} />}
      </div>
      <div id={`${id}-more`} className="flex flex-col gap-1.5 empty:hidden">
        {hint && <span className={hintStyles}>{hint}</span>}
        {error && <span className={errorStyles}>{error}</span>}
      </div>
    </div>
  );
}

interface OpenerProps {
  id: string;
  isOpen: boolean;
  toggle: () => void;
}

/** For a pointer: the keyboard has its arrows. */
function Opener({ id, isOpen, toggle }: OpenerProps) {
  const { t } = useTranslation("configure");
  return (
    <PlainButton
      id={`${id}-opener`}
      aria-label={t("model_choices")}
      aria-labelledby={`${id}-opener ${id}-label`}
      aria-expanded={isOpen}
      tabIndex={-1}
      onMouseDown={(event) => event.preventDefault()} // the field keeps the focus, else it would close
      onPress={toggle}
      className="absolute end-1 top-1 grid size-8 cursor-pointer place-items-center rounded-sm text-faint hover:text-ink"
    >
      <ChevronDown aria-hidden className="size-4" />
    </PlainButton>
  );
}
