const FENCE = /^\s*(`{3,}|~{3,})(.*)$/;
const LIST_ITEM = /^(?:[-*+]|\d{1,9}[.)])(?:\s|$)/;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m; // what it says holds for the whole text

/** The fence that is open after this line; empty: none is. */
function fenceAfter(line: string, open: string): string {
  const [, marks = "", rest = ""] = FENCE.exec(line) ?? [];
  if (!open) return marks;
  const isClosed = marks[0] === open[0] && marks.length >= open.length && rest.trim() === "";
  return isClosed ? "" : open;
}

/** Whether a line after an empty one begins anew, and does not go on with what came before it. */
const begins = (line: string, first: string): boolean =>
  /^\S/.test(line) && !(LIST_ITEM.test(first) && LIST_ITEM.test(line));

/**
 * Cut markdown at its top level, at empty lines: while a text grows, only its last block changes,
 * so that the others need not be parsed and drawn again.
 */
export function blocksOf(markdown: string): string[] {
  if (DEFINITION.test(markdown)) return [markdown];
  const blocks: string[][] = [[]];
  let fence = "";
  let isAfterGap = false;
  for (const line of markdown.split("\n")) {
    const block = blocks.at(-1) ?? [];
    if (!fence && isAfterGap && begins(line, block[0] ?? "")) blocks.push([line]);
    else block.push(line);
    isAfterGap = line.trim() === "";
    fence = fenceAfter(line, fence);
  }
  return blocks.map((lines) => lines.join("\n").trimEnd()).filter(Boolean);
}
