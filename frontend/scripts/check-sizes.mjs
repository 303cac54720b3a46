// Files to 300 lines; functions to 40 are biome's to hold.
import { files, readText, relative, report } from "./lib/sources.mjs";

const MOST = 300;
const GENERATED = ["src/shared/api/entrance.ts", "src/shared/api/inside.ts"];

const wrong = [];
for (const file of await files(/\.(tsx?|css)$/)) {
  const lines = (await readText(file)).split("\n").length - 1;
  if (lines > MOST && !GENERATED.includes(relative(file)))
    wrong.push(`${relative(file)}: ${lines} lines, not ${MOST}`);
}
report(wrong);
