// From a new account to a cited answer, and what may go wrong on the way.
//   node chat.e2e.mjs ADDRESS FOLDER-FOR-SCREENSHOTS FILE-TO-UPLOAD
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { audit, base, FEW_VIEWS, file, newPerson, on, run, service } from "./harness.mjs";
import { PASSWORD } from "./seed.mjs";

const MOST_CLICKS = 4;
const MOST_SECONDS = 60;
const QUESTION = "How many people does the crew have?";

const page = await newPerson();
const { button, field, says } = on(page);
const answers = () => page.getByRole("article", { name: "Answer" });
const lastAnswer = () => answers().last();
const source = () => lastAnswer().getByRole("button", { name: /^Source 1/ });

/** The clicks that are counted. */
let clicks = 0;
async function click(target) {
  clicks += 1;
  await target.click();
}

async function ask(question) {
  const before = await answers().count();
  await field("Your question").fill(question);
  await page.keyboard.press("Enter");
  await page.waitForFunction(
    (count) => document.querySelectorAll("article[aria-label=Answer]").length > count,
    before,
  );
}

async function getsACitedAnswerInFourClicks() {
  await page.goto(`${base}/register`);
  await field("Your name").fill("Ada Lovelace");
  await field("E-mail").fill("ada@example.com");
  await field("Password").fill(PASSWORD);
  const started = Date.now();
  await click(button("Create an account"));
  await click(button("Try it with a sample"));
  await page.waitForURL(/\/playground/);
  await click(button("How many days of holiday do I have?"));
  await source().first().waitFor();
  const seconds = (Date.now() - started) / 1000;
  console.log(`first cited answer: ${clicks} clicks, ${seconds.toFixed(1)} s`);
  assert.ok(clicks <= MOST_CLICKS && seconds <= MOST_SECONDS);
  assert.match(await lastAnswer().textContent(), /28 days/);
}

async function seesWhyAFileIsNotReadAndTriesAgain() {
  await page.getByRole("link", { name: "Knowledge", exact: true }).click();
  const chooser = page.waitForEvent("filechooser");
  await button("Add files").click();
  await (await chooser).setFiles([
    { name: path.basename(file), mimeType: "text/plain", buffer: await readFile(file) },
    { name: "broken.pdf", mimeType: "application/pdf", buffer: Buffer.from("%PDF-1.7 no more") },
  ]);
  const row = (name) => page.getByRole("row").filter({ hasText: name });
  await row("lighthouse").getByText("Ready").waitFor();
  await row("broken").getByText("Failed", { exact: true }).waitFor();
  assert.match(await row("broken").textContent(), /damaged|read|PDF/i);
  await button("Actions for “broken.pdf”").or(button("Actions for “broken”")).click();
  const again = page.waitForResponse((response) => response.url().endsWith("/reprocess"));
  await page.getByRole("menuitem", { name: "Try again" }).click();
  assert.equal((await again).status(), 202);
  await row("broken").getByText("Failed", { exact: true }).waitFor();
}

async function opensThePassage() {
  await page.getByRole("link", { name: "Playground", exact: true }).click();
  await ask(QUESTION);
  await source().first().click();
  const mark = page.locator("mark").first();
  await mark.waitFor();
  assert.equal(await mark.textContent(), "The crew has seven people 🚢 all year round.");
  await page.keyboard.press("Escape");
  await mark.waitFor({ state: "detached" });
  const focused = await page.evaluate(() => document.activeElement?.getAttribute("aria-label"));
  assert.match(focused ?? "", /^Source 1/, "focus returns to what opened it");
  await source().first().click();
  await mark.waitFor();
  await audit(page, "passage", FEW_VIEWS);
  await page.keyboard.press("Escape");
  await mark.waitFor({ state: "detached" });
}

async function showsHowItCameAbout() {
  await button("How this answer came about").last().click();
  await says("Passages found");
  await says("Search by words");
  await audit(page, "trace", FEW_VIEWS);
  await page.keyboard.press("Escape");
}

async function ratesAnAnswer() {
  await button("Helpful").last().click();
  await page.locator("[aria-pressed=true]").first().waitFor();
  await page.reload();
  await button("Helpful").last().and(page.locator("[aria-pressed=true]")).waitFor();
}

/** The next question's stream is cut after some of its events. */
async function cutTheNextStream(events, meanwhile = async () => undefined) {
  await page.route(/\/(chat|conversations\/[^/]+\/messages)$/, async (route) => {
    if (route.request().method() !== "POST") return route.continue();
    const response = await route.fetch();
    const all = (await response.text()).split("\n\n");
    await meanwhile();
    return route.fulfill({ response, body: `${all.slice(0, events).join("\n\n")}\n\n` });
  });
}

/** The service is killed in the midst of an answer; the rest must come by Last-Event-ID, once. */
async function survivesACutAndARestart() {
  const text = () => lastAnswer().locator("p").first().textContent();
  const whole = await text();
  const count = await answers().count();
  await cutTheNextStream(2, () => service("kill"));
  const resumed = page.waitForRequest("**/messages/*/stream");
  await ask(QUESTION);
  assert.equal((await resumed).headers()["last-event-id"], "2");
  await source().first().waitFor();
  assert.equal(await answers().count(), count + 1);
  assert.equal(await text(), whole);
  await page.unrouteAll({ behavior: "wait" });
}

/** The stream is held back, so that there is something to stop. */
async function stopsByEscape() {
  let release;
  const held = new Promise((done) => {
    release = done;
  });
  await cutTheNextStream(1);
  await page.route("**/messages/*/stream", (route) => held.then(() => route.continue()));
  const stopped = page.waitForRequest("**/messages/*/stop");
  await field("Your question").fill("What is the light's reach?");
  await page.keyboard.press("Enter");
  await page.waitForRequest("**/messages/*/stream");
  await page.keyboard.press("Escape");
  await stopped;
  release();
  await button("Send").waitFor();
  await page.unrouteAll({ behavior: "wait" });
}

async function answersAgain() {
  await ask("When may visitors climb the tower?");
  await source().first().waitFor();
  await button("Answer again").last().click();
  await says("2 of 2");
}

async function findsItInTheConversations() {
  await page.getByRole("link", { name: "Conversations", exact: true }).click();
  await page.getByRole("searchbox").fill("crew");
  await page.locator("mark", { hasText: /crew/i }).first().waitFor();
  await page.getByRole("link", { name: /crew/ }).first().click();
  await says("The crew has seven people");
}

async function readsTheDocs() {
  await page.goto(`${base}/docs`);
  await page.getByText("You are logged in").waitFor();
  await page.getByLabel("Find an operation").fill("own profile and workspaces");
  const operation = page.locator(".operation:visible");
  await operation.locator("summary").click();
  await button("Send").click();
  await page.getByRole("region", { name: "Answer" }).getByText("ada@example.com").waitFor();
  await audit(page, "docs", FEW_VIEWS);
}

await run(
  [
    getsACitedAnswerInFourClicks,
    seesWhyAFileIsNotReadAndTriesAgain,
    opensThePassage,
    showsHowItCameAbout,
    ratesAnAnswer,
    survivesACutAndARestart,
    stopsByEscape,
    answersAgain,
    findsItInTheConversations,
    readsTheDocs,
  ],
  [page],
);
