// Imports go one way: app -> features -> shared. Features never import each other. Tests may reach further.

import path from "node:path";
import { files, readText, relative, report } from "./lib/sources.mjs";

const MAY = { app: ["app", "features", "shared"], features: ["shared"], shared: ["shared"] };
const IMPORT = /(?:from|import)\s*\(?\s*["']([^"']+)["']/g;

const place = (file) => relative(file).split("/").slice(1); // after src/

function target(specifier, file) {
  if (specifier.startsWith("@/")) return specifier.slice(2).split("/");
  if (specifier.startsWith(".")) return place(path.resolve(path.dirname(file), specifier));
  return null;
}

function isAllowed([layer, feature], [toLayer, toFeature]) {
  if (!(layer in MAY) || !(toLayer in MAY)) return true; // test set-up, texts
  if (layer === toLayer && layer === "features") return feature === toFeature;
  return MAY[layer].includes(toLayer);
}

const wrong = [];
for (const file of await files(/(?<!\.test)\.tsx?$/)) {
  for (const [, specifier] of (await readText(file)).matchAll(IMPORT)) {
    const to = target(specifier, file);
    if (to && !isAllowed(place(file), to)) wrong.push(`${relative(file)} imports ${specifier}`);
  }
}
report(wrong);
