import { ArrowUp, Square } from "lucide-react";
import { type KeyboardEvent, type RefObject, useLayoutEffect } from "react";
import { useTranslation } from "react-i18next";
import { Button, classes } from "@/shared/ui";

const TALLEST = 240; // px; then it scrolls

interface ComposerProps {
  field: RefObject<HTMLTextAreaElement | null>;
  text: string;
  onText: (text: string) => void;
  isBusy: boolean;
  onSend: () => void;
  onStop: () => void;
}

/** As tall as what is written. */
function useGrowing(field: ComposerProps["field"], text: string): void {
  // biome-ignore lint/correctness/useExhaustiveDependencies: its height follows its text
  useLayoutEffect(() => {
    const { current } = field;
    if (!current) return;
    current.style.height = "auto";
    current.style.height = `${Math.min(current.scrollHeight, TALLEST)}px`;
  }, [field, text]);
}

/** While an input method composes, Enter and Esc are its own; Safari tells that by the code alone. */
const keyOf = ({ key, keyCode, nativeEvent }: KeyboardEvent): string | null =>
  nativeEvent.isComposing || keyCode === 229 ? null : key;

export function Composer({ field, text, onText, isBusy, onSend, onStop }: ComposerProps) {
  const { t } = useTranslation("playground");
  useGrowing(field, text);
  const canSend = text.trim() !== "" && !isBusy;
  const onKeyDown = (event: KeyboardEvent) => {
    const key = keyOf(event);
    if (key === "Escape" && isBusy) onStop();
    if (key !== "Enter" || event.shiftKey) return;
    event.preventDefault();
    if (canSend) onSend();
  };
  return (
    <form
      data-foot
      className="mx-auto w-full max-w-3xl px-4 pt-2 pb-4 sm:px-6"
      onSubmit={(event) => {
        event.preventDefault();
        if (canSend) onSend();
      }}
    >
      <div className="flex items-end gap-2 rounded-lg border border-line-strong bg-surface p-1.5 ps-3.5 shadow-1 focus-within:outline-2 focus-within:outline-offset-2 focus-within:outline-focus">
        <textarea
          ref={field}
          rows={1}
          dir="auto"
          aria-label={t("your_question")}
          placeholder={t("ask_something")}
          aria-describedby="composer-hint"
          value={text}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={onKeyDown}
          className="min-h-9 min-w-0 grow resize-none bg-transparent py-1.5 text-base outline-none placeholder:text-faint focus-visible:outline-none"
        />
        {isBusy ? (
          <Button variant="secondary" size="icon" aria-label={t("stop")} onPress={onStop}>
            <Square aria-hidden className="size-3.5 fill-current" />
          </Button>
        ) : (
          <Button
            size="icon"
            type="submit"
            aria-label={t("send")}
            className={classes(!canSend && "opacity-70")}
          >
            <ArrowUp aria-hidden className="size-4.5" />
          </Button>
        )}
      </div>
      <p id="composer-hint" className="mt-1.5 hidden text-xs text-faint sm:block">
        {t("composer_hint")}
      </p>
    </form>
  );
}
