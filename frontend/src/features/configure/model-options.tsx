import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import type { ModelChoice } from "@/shared/api/inside";
import { Badge, classes } from "@/shared/ui";
import { itemStyles, popoverStyles } from "@/shared/ui/popover-styles";

export const optionId = (list: string, model: ModelChoice) => `${list}-${model.id}`;

interface OptionProps {
  model: ModelChoice;
  id: string;
  isMarked: boolean;
  onMark: () => void;
  onChoose: () => void;
}

function Option({ model, id, isMarked, onMark, onChoose }: OptionProps) {
  const { t } = useTranslation("configure");
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the focus stays in the field, which names the marked one
    // biome-ignore lint/a11y/useKeyWithClickEvents: its keys are the field's
    <div
      role="option"
      id={id}
      aria-selected={isMarked}
      aria-disabled={!model.configured || undefined}
      onPointerMove={onMark}
      onClick={onChoose}
      className={classes(
        itemStyles,
        "min-h-10 aria-disabled:cursor-not-allowed aria-selected:bg-hover",
      )}
    >
      <span className={classes("min-w-0 grow", !model.configured && "opacity-60")}>
        <span className="block truncate">{model.name}</span>
        <span className="block truncate text-xs text-faint">{model.id}</span>
      </span>
      {model.default && <Badge tone="accent">{t("model_default")}</Badge>}
      {!model.configured && <Badge tone="warning">{t("model_needs_key")}</Badge>}
    </div>
  );
}

interface ModelOptionsProps {
  id: string;
  label: string;
  models: readonly ModelChoice[];
  marked: ModelChoice | undefined;
  mark: (model: ModelChoice) => void;
  choose: (model: ModelChoice) => void;
}

/** Under the field, which keeps the focus. */
export function ModelOptions({ id, label, models, marked, mark, choose }: ModelOptionsProps) {
  const markedId = marked && optionId(id, marked);
  useEffect(() => {
    if (markedId) document.getElementById(markedId)?.scrollIntoView?.({ block: "nearest" });
  }, [markedId]);
  return (
    <div
      id={id}
      role="listbox"
      aria-label={label}
      onMouseDown={(event) => event.preventDefault()}
      className={classes(popoverStyles, "absolute inset-x-0 top-full z-30 mt-1.5 max-h-72")}
    >
      {models.map((model) => (
        <Option
          key={model.id}
          id={optionId(id, model)}
          model={model}
          isMarked={model === marked}
          onMark={() => mark(model)}
          onChoose={() => choose(model)}
        />
      ))}
    </div>
  );
}
