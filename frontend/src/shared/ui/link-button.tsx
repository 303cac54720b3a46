import { Link, type LinkProps } from "react-router";
import { type ButtonSize, type ButtonVariant, buttonStyles } from "./button-styles";

interface LinkButtonProps extends LinkProps {
  variant?: ButtonVariant;
  size?: ButtonSize;
  className?: string;
}

/** Goes somewhere, and looks like a button. */
export function LinkButton({
  variant = "primary",
  size = "md",
  className,
  ...props
}: LinkButtonProps) {
  return <Link {...props} className={buttonStyles(variant, size, className)} />;
}

/** A link within text. */
export function TextLink({ className = "", ...props }: LinkProps) {
  return (
    <Link
      {...props}
      className={`font-medium text-accent underline underline-offset-3 hover:text-accent-hover ${className}`}
    />
  );
}
