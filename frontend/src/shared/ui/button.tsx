import { LoaderCircle } from "lucide-react";
import { type ComponentProps, createContext, type MouseEvent, type ReactNode, use } from "react";
import { type ButtonSize, type ButtonVariant, buttonStyles } from "./button-styles";

type Native = ComponentProps<"button">;

/** What a menu or a tooltip adds to the button it belongs to. */
export const ButtonContext = createContext<Native>({});

export interface PlainButtonProps extends Omit<Native, "disabled" | "onClick"> {
  isDisabled?: boolean;
  isPending?: boolean;
  onPress?: () => void;
}

export interface ButtonProps extends PlainButtonProps {
  variant?: ButtonVariant;
  size?: ButtonSize;
  className?: string;
  children: ReactNode;
}

/** A button without looks. Pending keeps its focus; it only does nothing. */
export function PlainButton({ isDisabled, isPending, onPress, type, ...props }: PlainButtonProps) {
  const outer = use(ButtonContext);
  const onClick = (event: MouseEvent<HTMLButtonElement>) => {
    if (isPending) return event.preventDefault();
    event.currentTarget.focus({ preventScroll: true }); // Safari does not, and a dialog gives it back
    outer.onClick?.(event);
    onPress?.();
  };
  return (
    <button
      {...outer}
      {...props}
      type={type ?? "button"}
      disabled={isDisabled}
      aria-disabled={isPending || undefined}
      aria-busy={isPending || undefined}
      onClick={onClick}
    />
  );
}

/** Pending keeps its width and its focus, and is announced; it only does nothing. */
export function Button({
  variant = "primary",
  size = "md",
  className,
  children,
  ...props
}: ButtonProps) {
  return (
    <PlainButton {...props} className={buttonStyles(variant, size, className)}>
      {props.isPending ? (
        <span className="relative inline-flex items-center gap-2">
          <span className="inline-flex items-center gap-2 opacity-30">{children}</span>
          <LoaderCircle aria-hidden className="absolute inset-0 m-auto size-4 animate-spin" />
        </span>
      ) : (
        children
      )}
    </PlainButton>
  );
}
