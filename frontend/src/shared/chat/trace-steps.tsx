import { useTranslation } from "react-i18next";
import type { TraceStep } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";

const percent = (part: number, whole: number) => `${(part / whole) * 100}%`;

/** What was done, from when to when: bars on one scale of time. */
export function TraceSteps({ steps }: { steps: readonly TraceStep[] }) {
  const { t } = useTranslation("chat");
  const { number } = useFormat();
  if (steps.length === 0) return null;
  const whole = Math.max(...steps.map((step) => step.started_ms + step.duration_ms), 0.001);
  const told = (ms: number) => number(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms));
  return (
    <section>
      <h3 className="mb-2 text-sm font-semibold">{t("steps")}</h3>
      <ol className="flex flex-col gap-2">
        {steps.map(({ name, started_ms, duration_ms }, index) => (
          <li key={index} className="text-sm">
            <div className="flex justify-between gap-3">
              <span>{t(`step_${name}`)}</span>
              <span className="text-faint tabular-nums">{t("ms", { ms: told(duration_ms) })}</span>
            </div>
            <div aria-hidden className="mt-1 h-1.5 overflow-hidden rounded-full bg-sunken">
              <div
                className="h-full min-w-0.5 rounded-full bg-accent"
                style={{
                  marginInlineStart: percent(started_ms, whole),
                  width: percent(duration_ms, whole),
                }}
              />
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
