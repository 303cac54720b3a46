import { codePointsOf } from "./code-points";

/** A stretch of a text, cut in three by the passage in it. */
export interface Excerpt {
  before: string;
  passage: string;
  after: string;
  hasEarlier: boolean;
  hasLater: boolean;
}

const SLACK = 400; // how far the cut may go to meet the end of a line

/** A cut at `unit` or a little beyond it, where a line ends. */
function cutBefore(text: string, unit: number): number {
  if (unit <= 0) return 0;
  const line = text.lastIndexOf("\n", unit) + 1;
  if (line > unit - SLACK) return line;
  const isWithinPair = /[\uDC00-\uDFFF]/.test(text[unit] ?? "");
  return isWithinPair ? unit - 1 : unit;
}

function cutAfter(text: string, unit: number): number {
  if (unit >= text.length) return text.length;
  const line = text.indexOf("\n", unit);
  if (line !== -1 && line < unit + SLACK) return line;
  const isWithinPair = /[\uDC00-\uDFFF]/.test(text[unit] ?? "");
  return isWithinPair ? unit + 1 : unit;
}

/**
 * What stands around a passage: about `earlier` and `later` units of it. A document of many MB is
 * then as quick to show as a short one. Null where the text ends before the passage begins.
 */
export function excerptOf(
  text: string,
  { start, end }: { start: number; end: number },
  reach: { earlier: number; later: number },
): Excerpt | null {
  const { toUnit } = codePointsOf(text);
  const [first, last] = [toUnit(start), toUnit(end)];
  if (first >= last) return null;
  const from = cutBefore(text, first - reach.earlier);
  const to = cutAfter(text, last + reach.later);
  return {
    before: text.slice(from, first),
    passage: text.slice(first, last),
    after: text.slice(last, to),
    hasEarlier: from > 0,
    hasLater: to < text.length,
  };
}
