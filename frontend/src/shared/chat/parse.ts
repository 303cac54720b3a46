import type { Definition, Nodes, Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmStrikethroughFromMarkdown } from "mdast-util-gfm-strikethrough";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTaskListItemFromMarkdown } from "mdast-util-gfm-task-list-item";
import { gfmStrikethrough } from "micromark-extension-gfm-strikethrough";
import { gfmTable } from "micromark-extension-gfm-table";
import { gfmTaskListItem } from "micromark-extension-gfm-task-list-item";

const options = {
  extensions: [gfmStrikethrough(), gfmTable(), gfmTaskListItem()],
  mdastExtensions: [
    gfmStrikethroughFromMarkdown(),
    gfmTableFromMarkdown(),
    gfmTaskListItemFromMarkdown(),
  ],
};

/** The tree of a markdown, and where its references lead. */
export function parse(markdown: string): { root: Root; urls: ReadonlyMap<string, string> } {
  const root = fromMarkdown(markdown, options);
  const urls = new Map<string, string>();
  const keep = ({ identifier, url }: Definition) => {
    if (!urls.has(identifier)) urls.set(identifier, url); // the first one holds
  };
  const visit = (node: Nodes) => {
    if (node.type === "definition") keep(node);
    if ("children" in node) node.children.forEach(visit);
  };
  visit(root);
  return { root, urls };
}

export type Part = string | { text: string; index: number } | { text: string; url: string };

// A marker with the space before it; an address of the web, with what is in brackets in it; one of mail.
const PARTS =
  /\s?\[(\d{1,3})\]|https?:\/\/(?:\([^\s()<>[\]]*\)|[^\s()<>[\]])+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g;
const ENDS_THE_SENTENCE = /[.,:;!?'"*_~]+$/;

function partOf([found, index]: RegExpExecArray): Exclude<Part, string> {
  if (index) return { text: found, index: Number(index) };
  const text = found.replace(ENDS_THE_SENTENCE, "");
  return { text, url: /^https?:/.test(text) ? text : `mailto:${text}` };
}

/** A text, the `[1]`s in it (there may be no such source), and its bare addresses. */
export function partsOf(text: string): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const match of text.matchAll(PARTS)) {
    const part = partOf(match);
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(part);
    end = match.index + part.text.length;
  }
  if (end < text.length) parts.push(text.slice(end));
  return parts;
}
