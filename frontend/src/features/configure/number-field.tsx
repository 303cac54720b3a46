import { Minus, Plus } from "lucide-react";
import { type KeyboardEvent, useId, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { classes } from "@/shared/ui";
import { PlainButton } from "@/shared/ui/button";
import { errorStyles, hintStyles, labelStyles } from "@/shared/ui/field-styles";
import { notationOf } from "./notation";

interface NumberFieldProps {
  label: string;
  hint?: string;
  error?: string;
  value: number;
  onChange: (value: number) => void;
  minimum?: number;
  maximum?: number;
  isWhole: boolean;
  isReadOnly?: boolean;
}

type Way = 1 | -1;

const PRECISION = 1e9; // 0.1 + 0.2 is 0.3 for a person

const ARROWS: Record<string, Way> = { ArrowUp: 1, ArrowDown: -1 };

/** The next number this way, within the range; undefined where there is none. */
function stepped(props: NumberFieldProps, way: Way): number | undefined {
  const { value, minimum = -Infinity, maximum = Infinity, isWhole, isReadOnly } = props;
  if (isReadOnly) return undefined;
  const from = Number.isNaN(value) ? Math.max(minimum, 0) : value + way * (isWhole ? 1 : 0.1);
  const next = Math.min(Math.max(Math.round(from * PRECISION) / PRECISION, minimum), maximum);
  return next === value ? undefined : next;
}

/** What stands in the field: as it was typed, as long as that is the value. */
function useText({ value, onChange }: NumberFieldProps) {
  const locale = useTranslation().i18n.language;
  const notation = useMemo(() => notationOf(locale), [locale]);
  const [typed, setTyped] = useState<string | null>(null);
  const [isTyping, setTyping] = useState(false);
  const isTyped = typed !== null && Object.is(notation.parse(typed), value);
  const type = (text: string) => {
    setTyped(text);
    setTyping(true);
    onChange(notation.parse(text));
  };
  const leave = () => {
    setTyping(false);
    if (!Number.isNaN(value)) setTyped(null);
  };
  return { text: isTyped ? typed : notation.format(value), isTyping, type, leave };
}

interface StepProps {
  name: string;
  next: number | undefined;
  onStep: (value: number) => void;
  children: React.ReactNode;
}

/** For a pointer: the keyboard has its arrows. At the end of the range it keeps its focus. */
function Step({ name, next, onStep, children }: StepProps) {
  return (
    <PlainButton
      aria-label={name}
      aria-disabled={next === undefined}
      tabIndex={-1}
      onPress={() => next !== undefined && onStep(next)}
      className="grid w-10 shrink-0 cursor-pointer place-items-center text-soft not-aria-disabled:hover:bg-hover not-aria-disabled:hover:text-ink aria-disabled:cursor-not-allowed aria-disabled:opacity-40"
    >
      {children}
    </PlainButton>
  );
}

/** A number as the language in use writes it. What is out of range is said, never changed silently. */
export function NumberField(props: NumberFieldProps) {
  const { label, hint, value, onChange, minimum, maximum, isWhole, isReadOnly } = props;
  const { t } = useTranslation("configure");
  const id = useId();
  const { text, isTyping, type, leave } = useText(props);
  const error = isTyping ? undefined : props.error; // half a number is not wrong yet
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") leave();
    const way = ARROWS[event.key];
    if (!way) return;
    event.preventDefault();
    const next = stepped(props, way);
    if (next !== undefined) onChange(next);
  };
  return (
    <div data-invalid={props.error ? true : undefined} className="flex flex-col gap-1.5">
      <label htmlFor={id} className={labelStyles}>
        {label}
      </label>
      <div
        className={classes(
          "flex h-10 w-40 overflow-hidden rounded-md border bg-surface has-[input:focus-visible]:outline-2 has-[input:focus-visible]:outline-offset-2 has-[input:focus-visible]:outline-focus",
          error ? "border-danger" : "border-line-strong",
        )}
      >
        <Step name={t("decrease", { label })} next={stepped(props, -1)} onStep={onChange}>
          <Minus aria-hidden className="size-4" />
        </Step>
        <input
          id={id}
          role="spinbutton"
          type="text"
          inputMode={isWhole ? "numeric" : "decimal"}
          autoComplete="off"
          value={text}
          readOnly={isReadOnly}
          aria-valuenow={Number.isNaN(value) ? undefined : value}
          aria-valuemin={minimum}
          aria-valuemax={maximum}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-more`}
          onChange={(event) => type(event.target.value)}
          onKeyDown={onKeyDown}
          onBlur={leave}
          className="w-full min-w-0 bg-transparent text-center text-base tabular-nums outline-none"
        />
        <Step name={t("increase", { label })} next={stepped(props, 1)} onStep={onChange}>
          <Plus aria-hidden className="size-4" />
        </Step>
      </div>
      <div id={`${id}-more`} className="flex flex-col gap-1.5 empty:hidden">
        {hint && <span className={hintStyles}>{hint}</span>}
        {error && <span className={errorStyles}>{error}</span>}
      </div>
    </div>
  );
}
