import { Check, Minus } from "lucide-react";
import { createContext, type ReactNode, use, useEffect, useId, useRef } from "react";
import { errorStyles, labelStyles } from "./field-styles";

interface CheckboxProps {
  "aria-label"?: string;
  isSelected?: boolean;
  /** Some of what it stands for. */
  isIndeterminate?: boolean;
  onChange?: (isSelected: boolean) => void;
  /** Within a group: what it stands for. */
  value?: string;
  /** What ticking it means. */
  hint?: ReactNode;
  children: ReactNode;
}

interface Group {
  value: readonly string[];
  onChange: (value: string[]) => void;
}

const GroupContext = createContext<Group | null>(null);

/** Of itself, or of the group it stands in. */
function useTick({ value = "", isSelected = false, onChange }: CheckboxProps) {
  const group = use(GroupContext);
  if (!group) return { isTicked: isSelected, tick: (ticked: boolean) => onChange?.(ticked) };
  const others = group.value.filter((one) => one !== value);
  return {
    isTicked: group.value.includes(value),
    tick: (ticked: boolean) => group.onChange(ticked ? [...others, value] : others),
  };
}

export function Checkbox(props: CheckboxProps) {
  const { hint, children, isIndeterminate = false } = props;
  const input = useRef<HTMLInputElement>(null);
  const hintId = useId();
  const { isTicked, tick } = useTick(props);
  useEffect(() => {
    if (input.current) input.current.indeterminate = isIndeterminate;
  }, [isIndeterminate]);
  return (
    <label className="relative flex min-h-6 cursor-pointer items-start gap-3">
      <input
        ref={input}
        type="checkbox"
        aria-label={props["aria-label"]}
        aria-describedby={hint ? hintId : undefined}
        checked={isTicked}
        onChange={(event) => tick(event.target.checked)}
        className="peer absolute size-5 cursor-pointer opacity-0"
      />
      <span className="mt-0.5 grid size-5 shrink-0 place-items-center rounded-sm border border-line-strong bg-surface text-accent-ink peer-checked:border-accent peer-checked:bg-accent peer-indeterminate:border-accent peer-indeterminate:bg-accent peer-focus-visible:outline-2 peer-focus-visible:outline-offset-2 peer-focus-visible:outline-focus">
        {isIndeterminate && <Minus aria-hidden className="size-4" />}
        {isTicked && !isIndeterminate && <Check aria-hidden className="size-4" />}
      </span>
      <span className="min-w-0">
        {children}
        {hint && (
          <span id={hintId} className="block text-sm text-faint">
            {hint}
          </span>
        )}
      </span>
    </label>
  );
}

interface CheckboxGroupProps extends Group {
  label: string;
  error?: string;
  children: ReactNode;
}

export function CheckboxGroup({ label, error, children, ...group }: CheckboxGroupProps) {
  const errorId = useId();
  return (
    <fieldset aria-describedby={error && errorId} className="flex min-w-0 flex-col gap-3">
      <legend className={`mb-3 ${labelStyles}`}>{label}</legend>
      <GroupContext value={group}>{children}</GroupContext>
      {error && (
        <p id={errorId} className={errorStyles}>
          {error}
        </p>
      )}
    </fieldset>
  );
}
