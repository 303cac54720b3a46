import { Check, Copy } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";
import { useCopy } from "@/shared/ui/copy";

/** A small one, beside what it copies. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const { t } = useTranslation();
  const { isCopied, copy } = useCopy(text);
  const Icon = isCopied ? Check : Copy;
  return (
    <Button
      variant="quiet"
      size="icon"
      className="size-8"
      aria-label={isCopied ? t("copied") : label}
      onPress={() => void copy()}
    >
      <Icon aria-hidden className={isCopied ? "size-4 text-accent" : "size-4"} />
    </Button>
  );
}
