/** A stretch of the text, in UTF-16 units. */
export interface Stretch {
  from: number;
  to: number;
}

const LEAST = 500; // some lines together: fewer elements, and still quick to lay out
const MOST = 4000; // of a line without an end

/** Where a line that is too long is cut: after a space, if there is one. */
function cutOf(text: string, from: number): number {
  const space = text.lastIndexOf(" ", from + MOST);
  if (space > from) return space + 1;
  const cut = from + MOST;
  return /[\uDC00-\uDFFF]/.test(text[cut] ?? "") ? cut + 1 : cut;
}

/** A text in blocks of whole lines: only those in sight are shown. */
export function blocksOf(text: string): Stretch[] {
  const blocks: Stretch[] = [];
  for (let from = 0; from < text.length; ) {
    const line = text.indexOf("\n", from + LEAST);
    const end = line === -1 ? text.length : line + 1;
    const to = end - from > LEAST + MOST ? cutOf(text, from) : end;
    blocks.push({ from, to });
    from = to;
  }
  return blocks;
}

/** The block in which a place lies. */
export function blockAt(blocks: readonly Stretch[], place: number): number {
  let low = 0;
  let high = blocks.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((blocks[middle]?.to ?? 0) > place) high = middle;
    else low = middle + 1;
  }
  return Math.max(low, 0);
}

export type Kind = "chunk" | "passage" | "match" | "current";

export interface Range extends Stretch {
  kind: Kind;
}

export interface Piece extends Stretch {
  kinds: Kind[];
}

/** A block cut wherever a range begins or ends, each piece with the kinds that cover it. */
export function piecesOf(
  block: Stretch,
  ranges: readonly Range[],
  cuts: readonly number[],
): Piece[] {
  const inside = ranges.filter(({ from, to }) => from < block.to && to > block.from);
  const edges = inside.flatMap(({ from, to }) => [from, to]).concat(cuts);
  const within = edges.filter((edge) => edge > block.from && edge < block.to);
  const places = [...new Set([block.from, ...within, block.to])].sort((a, b) => a - b);
  return places.slice(0, -1).map((from, index) => {
    const to = places[index + 1] ?? block.to;
    const covering = inside.filter((range) => range.from < to && range.to > from);
    return { from, to, kinds: covering.map(({ kind }) => kind) };
  });
}

const MATCHES_MOST = 2000;

/** Where the words stand, as written but for capitals. */
export function matchesOf(text: string, query: string): Stretch[] {
  const words = query.trim();
  if (words.length < 2) return [];
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replace(/\s+/g, "\\s+");
  const matches: Stretch[] = [];
  for (const { index, 0: found } of text.matchAll(new RegExp(escaped, "giu"))) {
    matches.push({ from: index, to: index + found.length });
    if (matches.length === MATCHES_MOST) break;
  }
  return matches;
}
