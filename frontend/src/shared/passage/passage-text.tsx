import { type RefObject, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button, Notice } from "@/shared/ui";
import { type Excerpt, excerptOf } from "./excerpt";
import type { Passage } from "./passage";

const AT_FIRST = 4000; // units on each side: some three screens
const MORE = 16_000;
const ABOVE = 0.2; // of the height stays above the passage, so that one sees where it stands

const NEAR = { earlier: AT_FIRST, later: AT_FIRST };

/** The passage into view whenever there is another one; only its own box is scrolled. */
function useInView(passage: Passage) {
  const box = useRef<HTMLElement>(null);
  const mark = useRef<HTMLElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another passage is another place
  useLayoutEffect(() => {
    if (!box.current || !mark.current) return;
    box.current.scrollTop = mark.current.offsetTop - box.current.clientHeight * ABOVE;
  }, [passage.documentId, passage.revision, passage.start, passage.end]);
  return { box, mark };
}

/** What comes above pushes nothing down: the distance to the end stays. */
function useSteady(box: RefObject<HTMLElement | null>) {
  const toEnd = useRef<number | null>(null);
  useLayoutEffect(() => {
    if (!box.current || toEnd.current === null) return;
    box.current.scrollTop = box.current.scrollHeight - toEnd.current;
    toEnd.current = null;
  });
  return () => {
    if (box.current) toEnd.current = box.current.scrollHeight - box.current.scrollTop;
  };
}

/** A text with a passage marked in it; more of it on demand. */
export function PassageText({ text, passage }: { text: string; passage: Passage }) {
  const { t } = useTranslation("passage");
  const [reach, setReach] = useState(NEAR);
  const excerpt = useMemo(() => excerptOf(text, passage, reach), [text, passage, reach]);
  const { box, mark } = useInView(passage);
  const keep = useSteady(box);
  if (!excerpt) {
    return (
      <div className="p-5">
        <Notice tone="warning">{t("not_there")}</Notice>
      </div>
    );
  }
  const earlier = () => {
    keep();
    setReach({ ...reach, earlier: reach.earlier + MORE });
  };
  return (
    <section
      ref={box}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must scroll by keyboard
      tabIndex={0}
      aria-label={t("text")}
      className="relative min-h-0 grow overflow-y-auto px-5 py-4 -outline-offset-2"
    >
      <More isShown={excerpt.hasEarlier} label={t("earlier")} onPress={earlier} />
      <Marked excerpt={excerpt} mark={mark} />
      <More
        isShown={excerpt.hasLater}
        label={t("later")}
        onPress={() => setReach({ ...reach, later: reach.later + MORE })}
      />
    </section>
  );
}

function Marked({ excerpt, mark }: { excerpt: Excerpt; mark: RefObject<HTMLElement | null> }) {
  return (
    <p dir="auto" className="text-base whitespace-pre-wrap text-soft [unicode-bidi:plaintext]">
      {excerpt.before}
      <mark
        ref={mark}
        className="rounded-sm bg-mark box-decoration-clone px-0.5 py-px text-mark-ink"
      >
        {excerpt.passage}
      </mark>
      {excerpt.after}
    </p>
  );
}

interface MoreProps {
  isShown: boolean;
  label: string;
  onPress: () => void;
}

function More({ isShown, label, onPress }: MoreProps) {
  if (!isShown) return null;
  return (
    <Button variant="quiet" size="sm" className="my-2 w-full" onPress={onPress}>
      {label}
    </Button>
  );
}
