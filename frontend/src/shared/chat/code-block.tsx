import { useTranslation } from "react-i18next";
import { CopyButton } from "./copy-button";

/** Code as it was written: its lines are not broken, they scroll. */
export function CodeBlock({ code, language }: { code: string; language?: string }) {
  const { t } = useTranslation("chat");
  return (
    <div className="my-3 overflow-hidden rounded-md border border-line bg-sunken first:mt-0 last:mb-0">
      <div className="flex min-h-9 items-center justify-between border-b border-line ps-3 pe-1">
        <span className="font-mono text-xs text-faint">{language}</span>
        <CopyButton text={code.replace(/\n$/, "")} label={t("copy_code")} />
      </div>
      <pre
        dir="ltr"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled with the keys too
        tabIndex={0}
        className="overflow-x-auto p-3 font-mono text-sm wrap-normal data-focus-visible:-outline-offset-2"
      >
        <code>{code}</code>
      </pre>
    </div>
  );
}
