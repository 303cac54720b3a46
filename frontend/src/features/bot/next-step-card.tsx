import { ArrowRight, CircleAlert, Sparkles } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Card, LinkButton } from "@/shared/ui";
import type { NextStep } from "./next-step";

/** The one thing to do next, and why. */
export function NextStepCard({ step }: { step: NextStep }) {
  const { t } = useTranslation("bot");
  const isTrouble = step.id === "failed";
  const Icon = isTrouble ? CircleAlert : Sparkles;
  return (
    <section aria-labelledby="next">
      <Card className="flex flex-wrap items-center gap-x-4 gap-y-3 p-5">
        <span
          aria-hidden
          className={`grid size-10 shrink-0 place-items-center rounded-full ${isTrouble ? "bg-danger-soft text-danger-soft-ink" : "bg-accent-soft text-accent-soft-ink"}`}
        >
          <Icon className="size-5" />
        </span>
        <div className="min-w-48 flex-1">
          <h2 id="next" className="font-semibold">
            {t(`next_${step.id}`, { count: step.count })}
          </h2>
          <p className="text-sm text-soft">{t(`next_why_${step.id}`)}</p>
        </div>
        <LinkButton variant="secondary" to={step.to}>
          {t(`next_do_${step.id}`)}
          <ArrowRight aria-hidden className="size-4 rtl:rotate-180" />
        </LinkButton>
      </Card>
    </section>
  );
}
