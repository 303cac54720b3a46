import type { ModelChoice } from "@/shared/api/inside";
import { Field } from "@/shared/ui";
import { ChoiceField } from "./choice-field";
import { ModelField } from "./model-field";
import { ModelList } from "./model-list";
import { NumberField } from "./number-field";
import { isNullable, type Kind, kindOf, optionsOf, type Setting } from "./schema";
import { useSettingTexts } from "./use-setting-texts";

interface SettingFieldProps {
  setting: Setting;
  value: unknown;
  error?: string;
  models: readonly ModelChoice[];
  onChange: (value: unknown) => void;
  isReadOnly: boolean;
}

/** What every kind of field is given. */
function useCommon({ setting, error, isReadOnly }: SettingFieldProps) {
  const { nameOf, hintOf } = useSettingTexts();
  return { label: nameOf(setting), hint: hintOf(setting), error, isReadOnly };
}

function Choice(props: SettingFieldProps) {
  const { setting, value, onChange } = props;
  const { option, optionHint } = useSettingTexts();
  const options = optionsOf(setting.schema);
  return (
    <ChoiceField
      {...useCommon(props)}
      options={options.map((one) => ({
        id: String(one),
        name: option(setting, one),
        hint: optionHint(setting, one),
      }))}
      value={String(value)}
      onChange={(id) => onChange(options.find((one) => String(one) === id))}
    />
  );
}

function Numeric(props: SettingFieldProps) {
  const { minimum, maximum, type } = props.setting.schema;
  return (
    <NumberField
      {...useCommon(props)}
      minimum={minimum}
      maximum={maximum}
      isWhole={type === "integer"}
      value={Number(props.value)}
      onChange={props.onChange}
    />
  );
}

function List(props: SettingFieldProps) {
  return (
    <ModelList
      {...useCommon(props)}
      models={props.models}
      values={props.value as string[]}
      most={props.setting.schema.maxItems ?? Infinity}
      onChange={props.onChange}
    />
  );
}

function Text(props: SettingFieldProps) {
  const { setting, value, onChange, models } = props;
  const common = useCommon(props);
  const { shown } = useSettingTexts();
  const text = typeof value === "string" ? value : "";
  if (!isNullable(setting.schema)) return <Field {...common} value={text} onChange={onChange} />;
  return (
    <ModelField
      {...common}
      models={models}
      placeholder={shown(setting, null)}
      value={text}
      onChange={(typed) => onChange(typed === "" ? null : typed)}
    />
  );
}

/** Grows with what is written, as far as a screen goes. */
function Long(props: SettingFieldProps) {
  const isLonger = (props.setting.schema.maxLength ?? 0) > 1000;
  return (
    <Field
      {...useCommon(props)}
      rows={isLonger ? 7 : 2}
      value={String(props.value)}
      onChange={props.onChange}
      className={`[&_textarea]:field-sizing-content [&_textarea]:max-h-[60dvh] ${isLonger ? "[&_textarea]:min-h-44" : "[&_textarea]:min-h-16"}`}
    />
  );
}

const FIELDS: Record<Kind, (props: SettingFieldProps) => React.ReactNode> = {
  choice: Choice,
  number: Numeric,
  list: List,
  text: Text,
  long: Long,
};

export function SettingField(props: SettingFieldProps) {
  const Shown = FIELDS[kindOf(props.setting.schema) ?? "text"];
  return <Shown {...props} />;
}
