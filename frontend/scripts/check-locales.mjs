// Every language has the same texts as English, with the same blanks, in order; and none is unused.
import { readdir } from "node:fs/promises";
import path from "node:path";
import { files, readText, report, root } from "./lib/sources.mjs";

const folder = path.join(root, "src/locales");
const PLURAL = /_(zero|one|two|few|many|other)$/; // languages differ in how many they have

const blanks = (text) =>
  [...text.matchAll(/{{(\w+)}}/g)]
    .map(([, name]) => name)
    .sort()
    .join();
const read = async (locale, file) => JSON.parse(await readText(path.join(folder, locale, file)));
const stems = (texts) => new Set(Object.keys(texts).map((key) => key.replace(PLURAL, "")));

function compare(where, english, texts) {
  const wrong = [];
  for (const stem of stems(english))
    if (!stems(texts).has(stem)) wrong.push(`${where}: ${stem} is missing`);
  for (const [key, text] of Object.entries(texts)) {
    const model = english[key] ?? english[key.replace(PLURAL, "_other")];
    if (model === undefined) wrong.push(`${where}: ${key} is not in English`);
    else if (!PLURAL.test(key) && blanks(model) !== blanks(text))
      wrong.push(`${where}: ${key} has other blanks`);
  }
  return wrong;
}

const sources = (await Promise.all((await files(/(?<!\.test)\.tsx?$/)).map(readText))).join("\n");
// A key may be made of parts: t(`step_${id}`).
const isUsed = (key) =>
  sources.includes(`"${key}"`) ||
  sources.includes(`:${key}"`) ||
  [...sources.matchAll(/`(?:\w+:)?(\w*)\$\{[^}]+\}(\w*)`/g)].some(
    ([, start, end]) => start + end !== "" && key.startsWith(start) && key.endsWith(end),
  );

const wrong = [];
const names = (await readdir(path.join(folder, "en"))).sort();
for (const locale of await readdir(folder)) {
  for (const file of names) {
    const english = await read("en", file);
    const texts = await read(locale, file).catch(() => ({}));
    const where = `${locale}/${file}`;
    const keys = Object.keys(texts);
    if (keys.join() !== [...keys].sort().join()) wrong.push(`${where}: keys are not in order`);
    wrong.push(...compare(where, english, texts));
    if (locale !== "en") continue;
    for (const stem of stems(english))
      if (!isUsed(stem)) wrong.push(`${where}: ${stem} is used nowhere`);
  }
}
report(wrong);
