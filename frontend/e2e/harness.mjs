// What the tests in a browser share: the browser, the audit of what is on the screen, and running steps.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const [base, shots, file] = process.argv.slice(2);
const lines = createInterface({ input: process.stdin });
const orders = lines[Symbol.asyncIterator]();
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const QUIET = [
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
const SIZES = {
  wide: { width: 1280, height: 800 },
  phone: { width: 375, height: 720 },
  narrow: { width: 320, height: 640 },
};
const RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const complaints = [];

const browser = await chromium.launch({
  executablePath: process.env.CHATSPHERE_CHROMIUM || "/usr/bin/chromium",
  args: ["--headless", "--no-sandbox", "--disable-gpu", ...QUIET],
});

/** A page of somebody else: cookies and storage are its own. */
export async function newPerson() {
  const context = await browser.newContext({ viewport: SIZES.wide });
  return newTab(context);
}

export async function newTab(context) {
  const page = await context.newPage();
  page.setDefaultTimeout(30_000);
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on(
    "console",
    (line) =>
      /Content Security Policy|Trusted Type/i.test(line.text()) && complaints.push(line.text()),
  );
  page.on(
    "request",
    (request) => request.url().startsWith(base) || complaints.push(`third party: ${request.url()}`),
  );
  return page;
}

/** What is met by its words on this page, of what is to be seen. */
export const on = (page) => ({
  field: (label) =>
    page.locator("input, textarea, select").and(page.getByLabel(label)).filter({ visible: true }),
  button: (name) => page.getByRole("button", { name, exact: true }),
  says: (text) => page.getByText(text).filter({ visible: true }).first().waitFor(),
});

/** Have the service restarted (or killed and started again) by whoever runs this script. */
export async function service(order) {
  console.log(order === "kill" ? "!kill" : "!restart");
  assert.equal((await orders.next()).value, "done");
}

const VIEWS = [
  ...["light", "dark"].flatMap((scheme) => Object.keys(SIZES).map((size) => ({ scheme, size }))),
  { scheme: "light", size: "wide", dir: "rtl" },
  { scheme: "dark", size: "narrow", dir: "rtl" },
];
/** For states of a screen that was looked at in all views already. */
export const FEW_VIEWS = [
  { scheme: "light", size: "wide" },
  { scheme: "dark", size: "narrow", dir: "rtl" },
];
const violations = [];
let audits = 0;

/** Look at what is on the screen, in light and dark, wide and narrow, from both sides. */
export async function audit(page, name, views = VIEWS) {
  await bringAxe(page);
  for (const view of views) await auditView(page, name, view);
  await turn(page, { scheme: "light", size: "wide" });
}

async function turn(page, { scheme, size, dir = "ltr" }) {
  await page.emulateMedia({ colorScheme: scheme, reducedMotion: "reduce" });
  await page.setViewportSize(SIZES[size]);
  await page.evaluate(async (to) => {
    document.documentElement.dir = to;
    // Drawn with the new colours and width.
    const drawn = new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await Promise.race([drawn, new Promise((done) => setTimeout(done, 500))]);
  }, dir);
}

/** Note every axe violation (WCAG 2.2 AA and best practice), and what makes the page scroll sideways. */
async function auditView(page, name, view) {
  await turn(page, view);
  const label = [name, view.scheme, view.size, view.dir].filter(Boolean).join("-");
  const fullPage = view.size !== "wide";
  await page.screenshot({ path: path.join(shots, `${label}.png`), fullPage });
  const found = await page.evaluate(async (runOnly) => {
    // Of what was announced, words may be gone by now; it is taken away after some seconds.
    const context = { exclude: ["[data-live-announcer]"] };
    // Behind a modal dialog the page is hidden from everybody: there is no main part to ask for.
    const enabled = !document.querySelector("main")?.closest("[aria-hidden=true], [inert]");
    const rules = { "landmark-one-main": { enabled }, "page-has-heading-one": { enabled } };
    const { violations } = await globalThis.axe.run(context, { runOnly, rules });
    const { scrollWidth, clientWidth } = document.documentElement;
    const wrong = violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`);
    return scrollWidth > clientWidth ? [...wrong, "scrolls sideways"] : wrong;
  }, RULES);
  if (found.length > 0) violations.push({ [label]: found });
  audits += 1;
}

/** DevTools may run a script that the page's policy would refuse. */
async function bringAxe(page) {
  if (await page.evaluate(() => "axe" in globalThis)) return;
  const session = await page.context().newCDPSession(page);
  await session.send("Runtime.evaluate", { expression: await readFile(AXE, "utf8") });
  await session.detach();
}

/** Run the steps one after another; no error, policy violation or third-party request may have come of them. */
export async function run(steps, pages) {
  try {
    for (const step of steps) {
      const started = Date.now();
      await step().catch((error) => tell(error, step, pages));
      console.log(`${step.name}: ${Date.now() - started} ms`);
    }
  } finally {
    console.log(
      `axe: ${audits} views, ${violations.length} with a violation`,
      ...violations,
      ...complaints,
    );
    await browser.close();
    lines.close(); // else an open input keeps this running
  }
  assert.deepEqual(violations, [], "accessibility");
  assert.deepEqual(complaints, [], "errors, policy violations and third-party requests");
}

async function tell(error, step, pages) {
  for (const [place, page] of pages.entries())
    await page.screenshot({ path: path.join(shots, `failed-${place}.png`) });
  error.message = `${step.name}: ${error.message}`;
  throw error;
}
