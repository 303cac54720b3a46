import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/use-format";
import type { Fault } from "./check";
import { kindOf, type Setting } from "./schema";

function useValueText() {
  const { t } = useTranslation("configure");
  const format = useFormat();
  return useCallback(
    (value: unknown): string => {
      if (value === null) return t("by_default");
      if (typeof value === "number") return format.decimal(value);
      const text = Array.isArray(value) ? value.join(" → ") : String(value);
      return text || t("nothing");
    },
    [t, format],
  );
}

/** Settings and their values in words: ours where we have some, else the schema's. */
export function useSettingTexts() {
  const { t, i18n } = useTranslation("configure");
  const format = useFormat();
  const textOf = useValueText();
  return useMemo(() => {
    const own = (key: string): string | undefined =>
      i18n.exists(`configure:${key}`) ? String(i18n.t(`configure:${key}` as never)) : undefined;
    const nameOf = ({ name, schema }: Setting) => own(`setting_${name}`) ?? schema.title ?? name;
    const option = ({ name }: Setting, value: unknown) =>
      own(`option_${name}_${value}`) ?? own(`option_${value}`) ?? String(value);
    const optionHint = ({ name }: Setting, value: unknown) => own(`option_why_${name}_${value}`);
    const hintOf = ({ name, schema }: Setting) => {
      const hint = own(`setting_why_${name}`) ?? schema.description;
      const { minimum: least, maximum: most } = schema;
      if (least === undefined || most === undefined) return hint;
      return `${hint} ${t("range", { least: format.number(least), most: format.number(most) })}`;
    };
    const shown = (setting: Setting, value: unknown): string =>
      kindOf(setting.schema) === "choice" ? option(setting, value) : textOf(value);
    const faultOf = (fault: Fault): string => t(`fault_${fault.key}`, { ...fault });
    return { nameOf, hintOf, option, optionHint, shown, faultOf };
  }, [t, i18n, format, textOf]);
}
