// Drives the built-in page in a real browser. test_page.py starts the service and runs this:
//   node page.e2e.mjs ADDRESS FOLDER-FOR-SCREENSHOTS FILE-TO-UPLOAD
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { audit as look, base, file, newPerson, on, run } from "./harness.mjs";

const PASSWORD = "seven quiet lighthouses"; // pragma: allowlist secret
const EMAIL = "ada@example.com";
const QUESTION = "How many members does the crew have?";

const page = await newPerson();
const { button, field } = on(page);
const audit = (name) => look(page, name);
const lastAnswer = () => page.locator("#messages .assistant").last();
const ended = () => page.locator("#messages .assistant:last-child[data-status=completed]").waitFor();

async function registers() {
  await page.goto(base);
  await page.getByText("Running").waitFor();
  await audit("register");
  await field("Your name").fill("Ada Lovelace");
  await field("E-mail").fill(EMAIL);
  await field("Password").fill("short");
  await button("Create account").click();
  await page.getByText("A password has 15 to 128 characters").waitFor();
  await field("Password").fill(PASSWORD);
  await page.keyboard.press("Enter");
}

async function makesABot() {
  await page.getByLabel("Name of the bot").fill("Keeper");
  await page.keyboard.press("Enter");
  await page.getByText("There is nothing to answer from yet.").waitFor();
  await audit("empty");
}

async function uploads() {
  await page.getByLabel("Choose files").setInputFiles([
    { name: path.basename(file), mimeType: "text/plain", buffer: await readFile(file) },
    { name: "empty.txt", mimeType: "text/plain", buffer: Buffer.from("   \n") },
  ]);
  await page.locator("#document-list [data-status=ready]").waitFor();
  const failed = page.locator("#document-list [data-status=failed]");
  await failed.waitFor();
  assert.match(await failed.locator("p").innerText(), /\w{3}/, "the reason is told");
  page.once("dialog", (dialog) => dialog.accept());
  await button("Delete empty").or(button("Delete empty.txt")).click();
  await failed.waitFor({ state: "detached" });
}

async function asks() {
  await page.getByLabel("Your question").fill(QUESTION);
  await page.keyboard.press("Enter");
  await ended();
  assert.match(await lastAnswer().locator(".text").innerText(), /seven people/);
  assert.match(await page.locator("#spoken").innerText(), /seven people/, "the finished answer is announced");
  await audit("chat");
}

async function opensThePassage() {
  await lastAnswer().getByRole("button", { name: /^Source 1/ }).first().click();
  await page.locator("#passage mark").waitFor();
  assert.equal(await page.locator("#passage mark").innerText(), "The crew has seven people 🚢 all year round.");
  assert.match(await page.locator("#passage-text").innerText(), /The lamp was lit/);
  await audit("passage");
  await page.keyboard.press("Escape");
  await page.locator("#passage").waitFor({ state: "hidden" });
  assert.match(await page.evaluate(() => document.activeElement.className), /chip/, "focus returns to the chip");
}

/** The stream is cut after two events; the rest must come by Last-Event-ID, once. */
async function survivesACut() {
  const whole = await lastAnswer().locator(".text").innerText();
  await page.route("**/chat", async (route) => {
    const response = await route.fetch();
    const events = (await response.text()).split("\n\n");
    await route.fulfill({ response, body: `${events.slice(0, 2).join("\n\n")}\n\n` });
  });
  const resumed = page.waitForRequest("**/messages/*/stream");
  await page.getByLabel("Your question").fill(QUESTION);
  await button("Ask").click();
  assert.equal((await resumed).headers()["last-event-id"], "2");
  await ended();
  assert.equal(await lastAnswer().locator(".text").innerText(), whole);
}

/** The stream is held back, so that there is something to stop. */
async function stopsByEscape() {
  let release;
  const held = new Promise((done) => (release = done));
  await page.route("**/messages/*/stream", (route) => held.then(() => route.continue()));
  const stopped = page.waitForRequest("**/messages/*/stop");
  await page.getByLabel("Your question").fill(QUESTION);
  await page.keyboard.press("Enter");
  await button("Stop").waitFor();
  await page.waitForRequest("**/messages/*/stream");
  await page.keyboard.press("Escape");
  await stopped;
  release();
  await button("Ask").waitFor();
  await page.unrouteAll({ behavior: "wait" });
}

async function staysAfterAReload() {
  await page.reload();
  await ended();
  assert.equal(await page.locator("#messages .user").count(), 3);
  assert.equal(await page.getByLabel("Bot in use").locator("option:checked").innerText(), "Keeper");
}

async function logsOutAndIn() {
  await button("Log out").click();
  await button("I have an account already").click();
  await field("E-mail").fill(EMAIL);
  await field("Password").fill("not the right password");
  await button("Log in").click();
  const error = page.locator("#entrance-error");
  await page.waitForFunction(() => document.querySelector("#entrance-error").textContent !== "");
  assert.match(await error.innerText(), /password/i);
  await audit("log-in");
  await field("Password").fill(PASSWORD);
  await button("Log in").click();
  await page.getByLabel("Bot in use").waitFor();
}

async function readsTheDocs() {
  await page.goto(`${base}/docs`);
  await page.getByText("You are logged in").waitFor();
  await page.getByLabel("Find an operation").fill("own profile and workspaces");
  const operation = page.locator(".operation:visible");
  assert.equal(await operation.count(), 1);
  await operation.locator("summary").click();
  await button("Send").click();
  await page.getByRole("region", { name: "Answer" }).getByText(EMAIL).waitFor();
  await audit("docs");
}

const steps = [registers, makesABot, uploads, asks, opensThePassage, survivesACut, stopsByEscape, staysAfterAReload, logsOutAndIn, readsTheDocs];
await run(steps, [page]);
