import { ArrowRight, Check } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Bot, UsageReport } from "@/shared/api/inside";
import { Card, LinkButton } from "@/shared/ui";
import { type Step, stepsOf } from "./progress";

function StepRow({ step, number, isNext }: { step: Step; number: number; isNext: boolean }) {
  const { t } = useTranslation("home");
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-3 px-5 py-4">
      <span
        aria-hidden
        className={`grid size-7 shrink-0 place-items-center rounded-full text-sm font-semibold ${
          step.isDone ? "bg-accent text-accent-ink" : "border border-line-strong text-soft"
        }`}
      >
        {step.isDone ? <Check className="size-4" /> : number}
      </span>
      <div className="min-w-48 grow basis-0">
        <p className={`font-medium ${step.isDone ? "text-soft" : ""}`}>
          {t(`step_${step.id}`)}
          {step.isDone && <span className="sr-only"> {t("step_done")}</span>}
        </p>
        {!step.isDone && <p className="text-sm text-soft">{t(`step_${step.id}_why`)}</p>}
      </div>
      {isNext && (
        <div className="w-full ps-11 sm:w-auto sm:ps-0">
          <LinkButton size="sm" to={step.to}>
            {t(`step_${step.id}_do`)}
            <ArrowRight aria-hidden className="size-4 rtl:rotate-180" />
          </LinkButton>
        </div>
      )}
    </li>
  );
}

interface ChecklistProps {
  usage: UsageReport;
  bots: readonly Bot[];
  /** The screen's first deed stands elsewhere. */
  isQuiet: boolean;
}

/** What is left to do; gone when nothing is. */
export function Checklist({ usage, bots, isQuiet }: ChecklistProps) {
  const { t } = useTranslation("home");
  const steps = stepsOf(usage, bots);
  const next = steps.find((step) => !step.isDone);
  if (!next) return null;
  const done = steps.filter((step) => step.isDone).length;
  return (
    <section aria-labelledby="checklist">
      <div className="mb-3 flex items-baseline justify-between gap-4">
        <h2 id="checklist" className="text-lg font-semibold">
          {t("checklist")}
        </h2>
        <p className="text-sm text-faint">{t("steps_done", { done, total: steps.length })}</p>
      </div>
      <Card>
        <ol className="divide-y divide-line">
          {steps.map((step, index) => (
            <StepRow
              key={step.id}
              step={step}
              number={index + 1}
              isNext={step === next && !isQuiet}
            />
          ))}
        </ol>
      </Card>
    </section>
  );
}
