import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Notice, useTitle } from "@/shared/ui";

const NAME = "ChatSphere";

interface FrameProps {
  title: string;
  lead?: ReactNode;
  refusal?: string;
  /** Where else one can go from here. */
  ways?: ReactNode;
  children: ReactNode;
}

/** What the product is for, shown rather than told: an answer and the passage behind it. */
function Showcase() {
  const { t } = useTranslation("entrance");
  return (
    <aside className="hidden bg-accent-soft px-12 text-accent-soft-ink lg:flex lg:flex-col lg:justify-center">
      <figure className="mx-auto w-full max-w-md">
        <div className="rounded-lg bg-surface p-5 text-ink shadow-2">
          <p className="text-sm text-faint">{t("showcase_question")}</p>
          <p className="mt-3">
            {t("showcase_answer")}{" "}
            <span className="rounded-sm bg-accent-soft px-1.5 text-xs font-semibold text-accent-soft-ink">
              {1}
            </span>
          </p>
          <blockquote className="mt-4 border-s-2 border-accent ps-3 text-sm text-soft">
            <mark className="bg-mark text-mark-ink">{t("showcase_passage")}</mark>
            <span className="mt-1.5 block text-xs text-faint">{t("showcase_source")}</span>
          </blockquote>
        </div>
        <figcaption className="mt-6 text-lg leading-relaxed">{t("showcase_caption")}</figcaption>
      </figure>
    </aside>
  );
}

/** The card that every way in stands on. */
export function Frame({ title, lead, refusal, ways, children }: FrameProps) {
  useTitle(title);
  return (
    <div className="grid min-h-dvh lg:grid-cols-2">
      <main className="flex flex-col justify-center bg-surface px-5 py-10 sm:px-10">
        <div className="mx-auto w-full max-w-sm">
          <p className="mb-10 flex items-center gap-2.5 font-semibold tracking-tight">
            <img src="/favicon.svg" alt="" width="28" height="28" />
            {NAME}
          </p>
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          {lead && <p className="mt-2 text-soft">{lead}</p>}
          <div className="mt-6 flex flex-col gap-5">
            {refusal && <Notice tone="danger">{refusal}</Notice>}
            {children}
          </div>
          {ways && <div className="mt-8 flex flex-col gap-3 text-sm text-soft">{ways}</div>}
        </div>
      </main>
      <Showcase />
    </div>
  );
}
