import { ArrowUp, Plus, X } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { ModelChoice } from "@/shared/api/inside";
import { Button } from "@/shared/ui";
import { errorStyles, hintStyles, labelStyles } from "@/shared/ui/field-styles";
import { ModelField } from "./model-field";

interface ModelListProps {
  label: string;
  hint?: string;
  error?: string;
  models: readonly ModelChoice[];
  values: readonly string[];
  most: number;
  onChange: (values: string[]) => void;
  isReadOnly?: boolean;
}

type RowProps = Omit<ModelListProps, "label" | "hint" | "error" | "most"> & { at: number };

function Row({ at, models, values, onChange, isReadOnly }: RowProps) {
  const { t } = useTranslation("configure");
  const number = at + 1;
  const others = values.filter((_, place) => place !== at);
  const value = values[at] ?? "";
  const earlier = () => onChange([...others.slice(0, at - 1), value, ...others.slice(at - 1)]);
  return (
    <li className="flex items-start gap-2">
      <ModelField
        isLabelHidden
        label={t("fallback", { number })}
        models={models}
        value={value}
        isReadOnly={isReadOnly}
        onChange={(text) => onChange(values.map((old, place) => (place === at ? text : old)))}
        className="min-w-0 grow"
      />
      {!isReadOnly && (
        <>
          <Button
            variant="quiet"
            size="icon"
            aria-label={t("fallback_earlier", { number })}
            isDisabled={at === 0}
            onPress={earlier}
          >
            <ArrowUp aria-hidden className="size-4" />
          </Button>
          <Button
            variant="quiet"
            size="icon"
            aria-label={t("fallback_remove", { number })}
            onPress={() => onChange(others)}
          >
            <X aria-hidden className="size-4" />
          </Button>
        </>
      )}
    </li>
  );
}

/** Models in the order in which they are asked. */
export function ModelList({ label, hint, error, most, ...list }: ModelListProps) {
  const { t } = useTranslation("configure");
  const id = useId();
  const { values, onChange, isReadOnly } = list;
  const places = [...values.keys()];
  return (
    <fieldset
      aria-describedby={`${id}-hint ${id}-error`}
      data-invalid={error ? true : undefined}
      className="flex flex-col gap-1.5"
    >
      <legend className={`${labelStyles} mb-1.5`}>{label}</legend>
      <p id={`${id}-hint`} className={hintStyles}>
        {hint}
      </p>
      {places.length > 0 && (
        <ol className="flex flex-col gap-2">
          {places.map((at) => (
            <Row key={at} at={at} {...list} />
          ))}
        </ol>
      )}
      <p id={`${id}-error`} role="alert" className={errorStyles}>
        {error}
      </p>
      {!isReadOnly && values.length < most && (
        <div>
          <Button variant="secondary" size="sm" onPress={() => onChange([...values, ""])}>
            <Plus aria-hidden className="size-4" />
            {t("fallback_add")}
          </Button>
        </div>
      )}
    </fieldset>
  );
}
