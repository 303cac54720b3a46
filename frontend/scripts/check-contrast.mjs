// The pairs of colours that stand on each other, in both themes, by WCAG 2.2: 4.5 for text, 3 for what is no text.
import path from "node:path";
import { readText, report, root } from "./lib/sources.mjs";

const TEXT = 4.5;
const MARK = 3;
const grounds = ["canvas", "surface", "surface-sunken", "surface-hover"];
const tones = ["accent-soft", "danger-soft", "warning-soft", "success-soft", "info-soft", "mark"];
const pairs = [
  ...["ink", "ink-soft", "ink-faint"].flatMap((ink) =>
    grounds.map((ground) => [ink, ground, TEXT]),
  ),
  ...["accent", "danger"].flatMap((ink) =>
    ["canvas", "surface", "surface-sunken"].map((ground) => [ink, ground, TEXT]),
  ),
  ...["accent", "accent-hover"].map((ground) => ["accent-ink", ground, TEXT]),
  ...["danger", "danger-hover"].map((ground) => ["danger-ink", ground, TEXT]),
  ...tones.map((tone) => [`${tone}-ink`, tone, TEXT]),
  ...["line-strong", "focus"].flatMap((line) =>
    ["canvas", "surface"].map((ground) => [line, ground, MARK]),
  ),
];

function luminance(hex) {
  const channels = hex
    .slice(1)
    .match(/../g)
    .map((pair) => Number.parseInt(pair, 16) / 255);
  const [r, g, b] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one, other) {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

const css = await readText(path.join(root, "src/app/tokens.css"));
const [light, dark] = css
  .split(':root[data-theme="dark"]')
  .map((part) =>
    Object.fromEntries(
      [...part.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
    ),
  );

const wrong = [];
for (const [theme, colours] of Object.entries({ light, dark })) {
  for (const [ink, ground, least] of pairs) {
    const ratio = contrast(colours[ink], colours[ground]);
    if (ratio < least)
      wrong.push(`${theme}: ${ink} on ${ground} is ${ratio.toFixed(2)}, not ${least}`);
  }
}
report(wrong);
