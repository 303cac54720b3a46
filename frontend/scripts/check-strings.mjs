// Words that a person reads come from src/locales: none stand in the markup.
import ts from "typescript";
import { files, readText, relative, report } from "./lib/sources.mjs";

const READ = new Set([
  "alt",
  "aria-label",
  "aria-description",
  "aria-roledescription",
  "clearLabel",
  "description",
  "detail",
  "hint",
  "label",
  "lead",
  "placeholder",
  "text",
  "title",
]);
const WORD = /\p{L}{2,}/u;

const isRead = (attribute) => READ.has(attribute.name.getText());

function literalOf(node) {
  const inner = node && ts.isJsxExpression(node) ? node.expression : node;
  return inner && ts.isStringLiteralLike(inner) ? inner.text : "";
}

function textOf(node) {
  if (ts.isJsxText(node)) return node.text;
  if (ts.isJsxAttribute(node)) return isRead(node) ? literalOf(node.initializer) : "";
  const isChild = ts.isJsxExpression(node) && !ts.isJsxAttribute(node.parent);
  return isChild ? literalOf(node) : "";
}

const wrong = [];
for (const file of await files(/(?<!\.test)\.tsx$/)) {
  const source = ts.createSourceFile(
    file,
    await readText(file),
    ts.ScriptTarget.Latest,
    true,
    ts.ScriptKind.TSX,
  );
  const visit = (node) => {
    const text = textOf(node).trim();
    if (WORD.test(text)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart());
      wrong.push(`${relative(file)}:${line + 1} "${text}" is not a key of src/locales`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
}
report(wrong);
