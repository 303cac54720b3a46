import { Image } from "lucide-react";
import type { Link, List, ListItem, Nodes, Parents, PhrasingContent, Table, TableRow } from "mdast";
import { createContext, Fragment, memo, type ReactNode, use, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { blocksOf } from "./blocks";
import { CitationMarker } from "./citation-chip";
import { CodeBlock } from "./code-block";
import { type Part, parse, partsOf } from "./parse";

const SAFE_LINK = /^(?:https?:\/\/|mailto:)/i;

const UrlsContext = createContext<ReadonlyMap<string, string>>(new Map());

/** What a link leads to is not ours: it learns nothing of where it was followed. */
function Anchor({ url, children }: { url: string | undefined; children: ReactNode }) {
  if (!url || !SAFE_LINK.test(url)) return <span>{children}</span>;
  return (
    <a
      href={url}
      target="_blank"
      rel="noopener noreferrer"
      className="font-medium text-accent underline underline-offset-3 hover:text-accent-hover"
    >
      {children}
    </a>
  );
}

function Reference({ identifier, children }: { identifier: string; children: ReactNode }) {
  return <Anchor url={use(UrlsContext).get(identifier)}>{children}</Anchor>;
}

/** Nothing is fetched from elsewhere: a picture is told by its description. */
function Picture({ alt }: { alt?: string | null }) {
  const { t } = useTranslation("chat");
  return (
    <span className="inline-flex items-center gap-1 text-faint">
      <Image aria-hidden className="size-4 shrink-0" />
      {alt || t("picture")}
    </span>
  );
}

function Special({ part }: { part: Exclude<Part, string> }) {
  if ("url" in part) return <Anchor url={part.url}>{part.text}</Anchor>;
  return <CitationMarker index={part.index}>{part.text}</CitationMarker>;
}

const Prose = ({ text }: { text: string }) =>
  partsOf(text).map((part, index) =>
    typeof part === "string" ? part : <Special key={index} part={part} />,
  );

/** A list of tasks shows its boxes; they are not there to be ticked. */
function Item({ item, isTight }: { item: ListItem; isTight: boolean }) {
  return (
    <li>
      {typeof item.checked === "boolean" && (
        <span aria-hidden className="me-1 text-faint">
          {item.checked ? "☑" : "☐"}
        </span>
      )}
      {item.children.map((child, index) =>
        isTight && child.type === "paragraph" ? (
          <Inside key={index} node={child} />
        ) : (
          <Node key={index} node={child} />
        ),
      )}
    </li>
  );
}

function Items({ list }: { list: List }) {
  const isTight = !list.spread && list.children.every((item) => !item.spread);
  const items = list.children.map((item, index) => (
    <Item key={index} item={item} isTight={isTight} />
  ));
  return list.ordered ? <ol start={list.start ?? 1}>{items}</ol> : <ul>{items}</ul>;
}

function Row({ row, table, cell: Cell }: { row: TableRow; table: Table; cell: "th" | "td" }) {
  return (
    <tr>
      {row.children.map((cell, index) => (
        <Cell key={index} style={{ textAlign: table.align?.[index] ?? undefined }}>
          <Inside node={cell} />
        </Cell>
      ))}
    </tr>
  );
}

function Grid({ table }: { table: Table }) {
  const { t } = useTranslation("chat");
  const [head, ...rows] = table.children;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset is for a form
    <div
      role="group"
      aria-label={t("table")}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be scrolled with the keys too
      tabIndex={0}
      className="my-3 overflow-x-auto rounded-md border border-line first:mt-0 last:mb-0"
    >
      <table className="w-full border-collapse text-sm [&_td]:border-t [&_td]:border-line [&_td]:px-3 [&_td]:py-2 [&_th]:bg-sunken [&_th]:px-3 [&_th]:py-2 [&_th]:text-start [&_th]:font-medium">
        <thead>{head && <Row row={head} table={table} cell="th" />}</thead>
        <tbody>
          {rows.map((row, index) => (
            <Row key={index} row={row} table={table} cell="td" />
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A link's own text, without chips: a button does not stand in a link. */
const plain = (nodes: readonly PhrasingContent[]): ReactNode =>
  nodes.map((node, index) =>
    node.type === "text" ? (
      node.value
    ) : "children" in node ? (
      <Fragment key={index}>{plain(node.children)}</Fragment>
    ) : (
      <Node key={index} node={node} />
    ),
  );

type Drawn = { [Type in Nodes["type"]]?: (node: Extract<Nodes, { type: Type }>) => ReactNode };

/** All that can come of a markdown: what is not here is left out, and no HTML is ever made of a text. */
const drawn: Drawn = {
  text: ({ value }) => <Prose text={value} />,
  html: ({ value }) => <Prose text={value} />, // shown as what was written
  paragraph: (node) => (
    <p>
      <Inside node={node} />
    </p>
  ),
  // An answer's headings are all of one rank: it does not know at which depth of a page it stands.
  heading: (node) => (
    <h3 className="mt-5 mb-2 text-lg font-semibold first:mt-0">
      <Inside node={node} />
    </h3>
  ),
  blockquote: (node) => (
    <blockquote>
      <Inside node={node} />
    </blockquote>
  ),
  list: (node) => <Items list={node} />,
  table: (node) => <Grid table={node} />,
  code: ({ value, lang }) => <CodeBlock code={value} language={lang ?? undefined} />,
  thematicBreak: () => <hr />,
  break: () => <br />,
  inlineCode: ({ value }) => <code>{value}</code>,
  strong: (node) => (
    <strong>
      <Inside node={node} />
    </strong>
  ),
  emphasis: (node) => (
    <em>
      <Inside node={node} />
    </em>
  ),
  delete: (node) => (
    <del>
      <Inside node={node} />
    </del>
  ),
  link: ({ url, children }: Link) => <Anchor url={url}>{plain(children)}</Anchor>,
  linkReference: ({ identifier, children }) => (
    <Reference identifier={identifier}>{plain(children)}</Reference>
  ),
  image: ({ alt }) => <Picture alt={alt} />,
  imageReference: ({ alt }) => <Picture alt={alt} />,
};

function Node({ node }: { node: Nodes }): ReactNode {
  const draw = drawn[node.type] as ((node: Nodes) => ReactNode) | undefined;
  return draw?.(node);
}

const Inside = ({ node }: { node: Parents }) =>
  node.children.map((child, index) => <Node key={index} node={child} />);

const Block = memo(function Block({ text }: { text: string }) {
  const { root, urls } = useMemo(() => parse(text), [text]);
  return (
    <UrlsContext value={urls}>
      <Inside node={root} />
    </UrlsContext>
  );
});

const prose =
  "leading-6.5 [&_p]:my-3 [&_ul]:my-3 [&_ul]:list-disc [&_ul]:ps-6 [&_ol]:my-3 [&_ol]:list-decimal [&_ol]:ps-6 [&_li]:my-1 [&_li>p]:my-1 [&_blockquote]:my-3 [&_blockquote]:border-s-2 [&_blockquote]:border-line-strong [&_blockquote]:ps-4 [&_blockquote]:text-soft [&_hr]:my-5 [&_hr]:border-line [&_:not(pre)>code]:rounded-sm [&_:not(pre)>code]:bg-sunken [&_:not(pre)>code]:px-1 [&_:not(pre)>code]:py-0.5 [&_:not(pre)>code]:font-mono [&_:not(pre)>code]:text-sm [&>:first-child]:mt-0 [&>:last-child]:mb-0";

/** Markdown of a model or a document, drawn anew only where it changed. */
export const Markdown = memo(function Markdown({ text }: { text: string }) {
  return (
    <div dir="auto" className={prose}>
      {blocksOf(text).map((block, index) => (
        <Block key={index} text={block} />
      ))}
    </div>
  );
});
