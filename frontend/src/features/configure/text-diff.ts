/** A stretch of a text that stayed, went or came. */
export interface Piece {
  kind: "same" | "gone" | "new";
  text: string;
}

/** Beyond it the comparison by words would take too long to be waited for. */
const CELLS_MOST = 4_000_000;

const wordsOf = (text: string): string[] =>
  text.match(/\s+|[\p{L}\p{N}_]+|[^\s\p{L}\p{N}_]/gu) ?? [];

/** How many words the two have in common from each pair of places on (longest common subsequence). */
function commonFrom(before: string[], after: string[]): Uint16Array[] {
  const rows = Array.from({ length: before.length + 1 }, () => new Uint16Array(after.length + 1));
  for (let i = before.length - 1; i >= 0; i -= 1) {
    const row = rows[i] as Uint16Array;
    const below = rows[i + 1] as Uint16Array;
    for (let j = after.length - 1; j >= 0; j -= 1) {
      row[j] =
        before[i] === after[j]
          ? (below[j + 1] as number) + 1
          : Math.max(below[j] as number, row[j + 1] as number);
    }
  }
  return rows;
}

function kindOf(old: string | undefined, now: string | undefined, isGone: boolean) {
  if (old === now) return "same";
  if (now === undefined) return "gone";
  return old !== undefined && isGone ? "gone" : "new";
}

/** The words of both in one order: what they have in common once, the rest as gone or new. */
function merged(before: string[], after: string[]): Piece[] {
  const common = commonFrom(before, after);
  const at = (i: number, j: number) => common[i]?.[j] ?? 0;
  const pieces: Piece[] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const kind = kindOf(before[i], after[j], at(i + 1, j) >= at(i, j + 1));
    const text = kind === "new" ? after[j] : before[i];
    pieces.push({ kind, text: text as string });
    if (kind !== "new") i += 1;
    if (kind !== "gone") j += 1;
  }
  return pieces;
}

function middleOf(before: string[], after: string[]): Piece[] {
  if (before.length * after.length <= CELLS_MOST) return merged(before, after);
  return [
    { kind: "gone", text: before.join("") },
    { kind: "new", text: after.join("") },
  ];
}

function joined(pieces: readonly Piece[]): Piece[] {
  const together: Piece[] = [];
  for (const { kind, text } of pieces) {
    const last = together.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text) together.push({ kind, text });
  }
  return together;
}

/** What became of a text, word by word. */
export function diffOf(before: string, after: string): Piece[] {
  const old = wordsOf(before);
  const now = wordsOf(after);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, now.length) - start;
  while (end < most && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  return joined([
    { kind: "same", text: old.slice(0, start).join("") },
    ...middleOf(old.slice(start, old.length - end), now.slice(start, now.length - end)),
    { kind: "same", text: old.slice(old.length - end).join("") },
  ]);
}

const CONTEXT = 120;

/** The beginning and the end of a long stretch that stayed: what was changed is looked for, not it. */
export function shortened(text: string, isFirst: boolean, isLast: boolean): string {
  if (text.length <= 3 * CONTEXT) return text;
  const head = isFirst ? "" : text.slice(0, CONTEXT);
  const tail = isLast ? "" : text.slice(-CONTEXT);
  return `${head} … ${tail}`;
}
