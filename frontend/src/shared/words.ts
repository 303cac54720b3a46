/** A stretch of a text, in UTF-16 units as `slice` counts them. */
export interface Stretch {
  start: number;
  end: number;
}

/** Tells where the words that are looked for stand in a text. */
export type Find = (text: string) => Stretch[];

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
const SPELLED = /[\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}]/u;
const LEAST_STEM = 4;
const STEM_SHARE = 0.6;

const fold = (word: string) => word.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();

const wordsOf = (text: string) =>
  [...segmenter.segment(text)].filter(({ isWordLike }) => isWordLike);

/** Short words of alphabets are articles and the like: they stand everywhere, and mark nothing. */
const isTelling = (word: string) =>
  /\d/.test(word) || word.length >= (SPELLED.test(word) ? LEAST_STEM : 2);

function isAlike(a: string, b: string): boolean {
  if (a === b) return true;
  const least = Math.max(LEAST_STEM, STEM_SHARE * Math.max(a.length, b.length));
  let shared = 0;
  while (shared < a.length && a[shared] === b[shared]) shared += 1;
  return shared >= least;
}

/** Find the words of a query, in other forms too ("battery" in "batteries"). */
export function finder(query: string): Find {
  const all = wordsOf(query).map(({ segment }) => fold(segment));
  const telling = all.filter(isTelling);
  const wanted = new Set(telling.length > 0 ? telling : all);
  if (wanted.size === 0) return () => [];
  return (text) =>
    wordsOf(text)
      .filter(({ segment }) => {
        const word = fold(segment);
        return [...wanted].some((one) => isAlike(one, word));
      })
      .map(({ segment, index }) => ({ start: index, end: index + segment.length }));
}

const LEAD = 60;

/** The start of the stretch of `length` that holds most of what was found. */
function densest(found: readonly Stretch[], length: number): number {
  const held = (start: number) => found.filter((f) => f.start >= start && f.end <= start + length);
  const starts = found.map(({ start }) => Math.max(0, start - LEAD));
  return starts.reduce((best, start) => (held(start).length > held(best).length ? start : best), 0);
}

/** Without line ends and headings, unless it is nothing but a heading. */
function plainOf(text: string): string {
  const body = text.replace(/^#+\s.*$/gm, "").trim();
  const shown = body || text.replace(/^#+\s+/gm, "");
  return shown.replace(/\s+/g, " ").trim();
}

/** The part of a text worth showing: whole where it is short, else where most was found. */
export function excerptOf(text: string, find: Find, length: number): string {
  const plain = plainOf(text);
  if (plain.length <= length) return plain;
  const from = densest(find(plain), length);
  const start = from === 0 ? 0 : plain.indexOf(" ", from) + 1 || from;
  const cut = plain.lastIndexOf(" ", start + length);
  const end = start + length >= plain.length ? plain.length : cut > start ? cut : start + length;
  return `${start > 0 ? "… " : ""}${plain.slice(start, end)}${end < plain.length ? " …" : ""}`;
}
