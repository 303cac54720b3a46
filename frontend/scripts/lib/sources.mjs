// What the checks share: the sources, and how a check ends.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");
export const relative = (file) => path.relative(root, file).split(path.sep).join("/");
export const readText = (file) => readFile(file, "utf8");

/** The files under src whose name fits. */
export async function files(pattern) {
  const entries = await readdir(path.join(root, "src"), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

/** Say what is wrong and fail; say nothing where all is well. */
export function report(wrong) {
  for (const line of wrong) console.error(line);
  if (wrong.length > 0) process.exit(1);
}
