import { useTranslation } from "react-i18next";
import { kindOf } from "./schema";
import { diffOf, shortened } from "./text-diff";
import { useSettingTexts } from "./use-setting-texts";
import type { Change } from "./values";

const GONE = "rounded-sm bg-danger-soft px-0.5 text-danger-soft-ink";
const NEW = "rounded-sm bg-success-soft px-0.5 text-success-soft-ink no-underline";

function TextChange({ before, after }: { before: string; after: string }) {
  const pieces = diffOf(before, after);
  const last = pieces.length - 1;
  return (
    <p className="max-h-96 overflow-y-auto rounded-md bg-sunken p-3 text-sm whitespace-pre-wrap">
      {pieces.map(({ kind, text }, index) => {
        const key = `${index}${kind}`;
        if (kind === "gone")
          return (
            <del key={key} className={GONE}>
              {text}
            </del>
          );
        if (kind === "new")
          return (
            <ins key={key} className={NEW}>
              {text}
            </ins>
          );
        return <span key={key}>{shortened(text, index === 0, index === last)}</span>;
      })}
    </p>
  );
}

function ValueChange({ before, after }: { before: string; after: string }) {
  const { t } = useTranslation("configure");
  return (
    <p className="flex flex-wrap items-center gap-x-2 gap-y-1 text-sm">
      <del className={GONE}>{before}</del>
      <span aria-hidden className="text-faint rtl:rotate-180">
        →
      </span>
      <span className="sr-only">{t("becomes")}</span>
      <ins className={NEW}>{after}</ins>
    </p>
  );
}

/** What differs, setting by setting; long texts word by word. */
export function ChangesView({ changes }: { changes: readonly Change[] }) {
  const { nameOf, shown } = useSettingTexts();
  return (
    <dl className="flex flex-col gap-5">
      {changes.map(({ setting, before, after }) => (
        <div key={setting.pointer} className="flex flex-col gap-1.5">
          <dt className="text-sm font-medium">{nameOf(setting)}</dt>
          <dd>
            {kindOf(setting.schema) === "long" ? (
              <TextChange before={String(before)} after={String(after)} />
            ) : (
              <ValueChange before={shown(setting, before)} after={shown(setting, after)} />
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
