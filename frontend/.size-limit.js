// Budgets by route, gzip: all JavaScript and CSS that its first load brings, from the build's manifest.
import { readFileSync } from "node:fs";

const manifest = JSON.parse(readFileSync("dist/.vite/manifest.json", "utf8"));
const SHELL = "src/app/shell/shell.tsx";
const TOASTS = "node_modules/sonner/dist/index.mjs";
const ENTRANCES = ["login", "register", "forgot", "reset", "verify", "second-factor", "invitation"];

/** A chunk with what it imports at once. */
function closure(key, seen = new Set()) {
  const chunk = manifest[key];
  if (!chunk) throw new Error(`no chunk of ${key} in the manifest`);
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of chunk.imports ?? []) closure(next, seen);
  return seen;
}

const filesOf = (key) => [manifest[key].file, ...(manifest[key].css ?? [])];

function firstLoad(...roots) {
  const keys = new Set(
    ["index.html", "src/locales/en/common.json", ...roots].flatMap((key) => [...closure(key)]),
  );
  return [...new Set([...keys].flatMap(filesOf))].map((file) => `dist/${file}`);
}

// What a route shows, with its texts and what stands around it; what a screen fetches when it is asked
// for, a dialog, is held as a lazy chunk.
const SCREEN = /screen\((\[[^\]]*\]|"\w+"),\s*\(\)\s*=>\s*import\("@\/(features\/[^"]+)"\)/g;
const AROUND = {
  "bot/bot-layout": ["bot", "configure", "knowledge", "retrieval", "playground", "conversations"],
  "workspace/layout": ["workspace", "usage", "audit"],
};
const featureOf = (key) => key.split("/")[2];
const textsOf = (feature) => `src/locales/en/${feature}.json`;

/** The layout of a screen inside one, with its texts. */
function around(key) {
  const layout = Object.keys(AROUND).find((name) => AROUND[name].includes(featureOf(key)));
  return layout ? [`src/features/${layout}.tsx`, textsOf(layout.split("/")[0])] : [];
}

const found = ["src/app/routes.tsx", "src/app/inside-routes.tsx"].flatMap((file) => {
  const text = readFileSync(file, "utf8").replace(/entrance\(\(\)/g, 'screen("entrance", ()');
  return [...text.matchAll(SCREEN)].map(([, texts, place]) => ({
    key: `src/${place}.tsx`,
    texts: [...texts.matchAll(/\w+/g)].map(([name]) => textsOf(name)),
  }));
});

const screens = found.map(({ key, texts }) => {
  const isEntrance = featureOf(key) === "entrance";
  const inside = isEntrance ? [] : [SHELL, TOASTS, textsOf("shell"), ...around(key)];
  return {
    name: key.replace("src/features/", "").replace(".tsx", ""),
    path: firstLoad(key, ...texts, ...inside),
    limit: isEntrance ? "180 kB" : "250 kB",
    gzip: true,
  };
});

// What comes with the first load of every screen is held by the budgets above.
const first = new Set(screens.flatMap(({ path }) => path));
const lazy = Object.values(manifest)
  .filter(({ file }) => file.endsWith(".js") && !first.has(`dist/${file}`))
  .map(({ file, name }) => ({
    name: `lazy: ${name}`,
    path: `dist/${file}`,
    limit: "80 kB",
    gzip: true,
  }));

if (!ENTRANCES.every((name) => screens.some((screen) => screen.name === `entrance/${name}`))) {
  throw new Error("a way in is no chunk of its own: its budget would not be held");
}

export default [...screens, ...lazy];
