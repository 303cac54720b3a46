import { Radio, RadioGroup } from "react-aria-components/RadioGroup";
import { useTranslation } from "react-i18next";
import { MEASURES, type Measure, measureOf } from "./measures";
import { useAmount } from "./use-amount";

interface MeasureChoiceProps {
  value: Measure;
  onChange: (measure: Measure) => void;
  totalOf: (measure: Measure) => number;
}

/** The sums of the range; the one that is chosen is drawn. */
export function MeasureChoice({ value, onChange, totalOf }: MeasureChoiceProps) {
  const { t } = useTranslation("usage");
  const amount = useAmount();
  return (
    <RadioGroup
      aria-label={t("measure")}
      orientation="horizontal"
      value={value}
      onChange={(text) => onChange(measureOf(text))}
      className="mb-6 grid grid-cols-2 gap-2 lg:grid-cols-4"
    >
      {MEASURES.map((measure) => (
        <Radio
          key={measure}
          value={measure}
          className="flex cursor-pointer flex-col rounded-md border border-transparent px-3 py-2 hover:bg-hover data-focus-visible:outline-2 data-focus-visible:outline-focus data-selected:border-accent data-selected:bg-accent-soft data-selected:text-accent-soft-ink"
        >
          <span className="text-sm">{t(measure)}</span>
          <span className="text-lg font-semibold tabular-nums">
            {amount(totalOf(measure), measure)}
          </span>
        </Radio>
      ))}
    </RadioGroup>
  );
}
