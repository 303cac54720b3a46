import { Check, Copy } from "lucide-react";
import { useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./button";
import type { ButtonVariant } from "./button-styles";
import { inputStyles, labelStyles } from "./field-styles";
import { notify } from "./toast";

const SAID_MS = 2_000;

export function useCopy(text: string) {
  const { t } = useTranslation();
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setCopied(true);
    } catch {
      notify.error(t("copy_failed"), { description: t("copy_failed_next") });
    }
  };
  return { isCopied, copy };
}

interface CopyButtonProps {
  text: string;
  variant?: ButtonVariant;
  /** What is copied, where the button does not stand beside its label. */
  label?: string;
}

export function CopyButton({ text, variant = "secondary", label }: CopyButtonProps) {
  const { t } = useTranslation();
  const { isCopied, copy } = useCopy(text);
  const Icon = isCopied ? Check : Copy;
  return (
    <Button variant={variant} aria-label={label} onPress={() => void copy()}>
      <Icon aria-hidden className="size-4" />
      <span role="status">{isCopied ? t("copied") : t("copy")}</span>
    </Button>
  );
}

/** A line to take along: an address, a secret. */
export function CopyField({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation();
  const id = useId();
  return (
    <div className="flex flex-col gap-1.5">
      <label htmlFor={id} className={labelStyles}>
        {label}
      </label>
      <div className="flex flex-wrap gap-2">
        <input
          id={id}
          readOnly
          dir="ltr"
          value={value}
          onFocus={(event) => event.target.select()}
          className={`${inputStyles} h-10 min-w-48 flex-1 font-mono text-sm leading-8`}
        />
        <CopyButton text={value} label={t("copy_what", { what: label })} />
      </div>
    </div>
  );
}

/** Lines to take along: a command. */
export function Snippet({ label, text }: { label: string; text: string }) {
  const { t } = useTranslation();
  return (
    <figure className="flex flex-col gap-1.5">
      <figcaption className={labelStyles}>{label}</figcaption>
      <pre
        dir="ltr"
        className="rounded-md border border-line bg-sunken p-3 text-start font-mono text-sm whitespace-pre-wrap"
      >
        {text}
      </pre>
      <div>
        <CopyButton text={text} label={t("copy_what", { what: label })} />
      </div>
    </figure>
  );
}
