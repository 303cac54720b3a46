import { Check, FileUp, Sparkles } from "lucide-react";
import { useId, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Button, Card, Notice } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { STAGES, type Start, type useFirstAnswer, type Way } from "./first-answer";

/** What its name says without its ending: "Price list.pdf" makes a bot "Price list". */
const botNameOf = (filename: string) => filename.replace(/\.[^.]+$/, "").slice(0, 100) || filename;

function useSample(): () => Promise<Start> {
  const { t } = useTranslation("home");
  return async () => {
    const { default: text } = await import("./handbook.md?raw");
    const file = new File([text], t("sample_file"), { type: "text/markdown" });
    return { botName: t("sample_bot"), file, question: t("sample_question") };
  };
}

function OwnFile({ onChosen }: { onChosen: (file: File) => void }) {
  const { t } = useTranslation("home");
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button variant="secondary" onPress={() => input.current?.click()}>
        <FileUp aria-hidden className="size-4" />
        {t("try_own")}
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        aria-label={t("try_own")}
        onChange={({ target }) => {
          const file = target.files?.[0];
          if (file) onChosen(file);
          target.value = ""; // the same one may be chosen again
        }}
      />
    </>
  );
}

type Mark = "done" | "now" | "stopped" | "later";

const MARKS: Record<Mark, string> = {
  done: "bg-accent text-accent-ink",
  now: "animate-breathe border border-accent text-accent",
  stopped: "border border-danger text-danger",
  later: "border border-line-strong text-faint",
};

function StageRow({ mark, number, text }: { mark: Mark; number: number; text: string }) {
  return (
    <li
      aria-current={mark === "now" ? "step" : undefined}
      className={`flex items-center gap-3 ${mark === "later" ? "text-faint" : ""}`}
    >
      <span
        aria-hidden
        className={`grid size-6 shrink-0 place-items-center rounded-full text-xs font-semibold ${MARKS[mark]}`}
      >
        {mark === "done" ? <Check className="size-3.5" /> : number}
      </span>
      {text}
    </li>
  );
}

/** The way in stages: what is done, what is under way, what is to come. */
function Progress({ way }: { way: Way }) {
  const { t } = useTranslation("home");
  const at = STAGES.indexOf(way.stage);
  const { name } = way.start.file;
  const markOf = (index: number): Mark => {
    if (index !== at) return index < at ? "done" : "later";
    return way.error ? "stopped" : "now";
  };
  return (
    <>
      <p role="status" className="sr-only">
        {way.error ? "" : t(`stage_${way.stage}`, { name })}
      </p>
      <ol className="flex flex-col gap-3">
        {STAGES.map((stage, index) => (
          <StageRow
            key={stage}
            mark={markOf(index)}
            number={index + 1}
            text={t(`stage_${stage}`, { name })}
          />
        ))}
      </ol>
    </>
  );
}

/** For an empty workspace: one click to a bot that knows something, with the first question at hand. */
export function TryIt({ way, begin }: ReturnType<typeof useFirstAnswer>) {
  const { t } = useTranslation(["home", "common"]);
  const textOf = useProblemText();
  const heading = useId();
  const sample = useSample();
  return (
    <section aria-labelledby={heading}>
      <Card className="p-6 sm:p-8">
        <h2 id={heading} className="text-xl font-semibold tracking-tight">
          {t("try_title")}
        </h2>
        <p className="mt-1 max-w-xl text-soft">{t("try_lead")}</p>
        <div className="mt-6 flex min-h-26 flex-col justify-center gap-5">
          {way && <Progress way={way} />}
          {Boolean(way?.error) && <Notice tone="danger">{textOf(way?.error)}</Notice>}
          {(!way || Boolean(way.error)) && (
            <div className="flex flex-wrap gap-3">
              {way && (
                <Button onPress={() => void begin(way.start)}>{t("common:try_again")}</Button>
              )}
              {!way && (
                <Button onPress={() => void sample().then(begin)}>
                  <Sparkles aria-hidden className="size-4" />
                  {t("try_sample")}
                </Button>
              )}
              <OwnFile onChosen={(file) => void begin({ botName: botNameOf(file.name), file })} />
            </div>
          )}
        </div>
      </Card>
    </section>
  );
}
