// What the tests in a browser share: the browser, the audit of what is on the screen, and running steps.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

export const [base, shots, file] = process.argv.slice(2);
const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const QUIET = ["--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const SIZES = { wide: { width: 1280, height: 800 }, phone: { width: 375, height: 720 }, narrow: { width: 320, height: 640 } };
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
  page.on("console", (line) => /Content Security Policy|Trusted Type/i.test(line.text()) && complaints.push(line.text()));
  page.on("request", (request) => request.url().startsWith(base) || complaints.push(`third party: ${request.url()}`));
  return page;
}

/** What is met by its words on this page, of what is to be seen. */
export const on = (page) => ({
  field: (label) => page.locator("input, textarea, select").and(page.getByLabel(label)).filter({ visible: true }),
  button: (name) => page.getByRole("button", { name, exact: true }),
  says: (text) => page.getByText(text).filter({ visible: true }).first().waitFor(),
});

/** Look at what is on the screen in light and dark, wide and narrow: no axe violation, no sideways scroll. */
export async function audit(page, name) {
  await bringAxe(page);
  for (const colorScheme of ["light", "dark"])
    for (const [size, viewport] of Object.entries(SIZES)) {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await page.screenshot({ path: path.join(shots, `${name}-${colorScheme}-${size}.png`), fullPage: size !== "wide" });
      const found = await page.evaluate(async () => {
        const { violations } = await globalThis.axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"] });
        const sideways = document.documentElement.scrollWidth > document.documentElement.clientWidth;
        return [...violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(" ")}`), ...(sideways ? ["scrolls sideways"] : [])];
      });
      assert.deepEqual(found, [], `${name}, ${colorScheme}, ${size}`);
    }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(SIZES.wide);
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
      await step().catch(async (error) => {
        for (const [place, page] of pages.entries()) await page.screenshot({ path: path.join(shots, `failed-${place}.png`) });
        error.message = `${step.name}: ${error.message}`;
        throw error;
      });
      console.log(`${step.name}: ${Date.now() - started} ms`);
    }
    assert.deepEqual(complaints, [], "errors, policy violations and third-party requests");
  } finally {
    await browser.close();
  }
}
