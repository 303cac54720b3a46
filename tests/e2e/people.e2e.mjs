// Accounts, workspaces and keys in a real browser. test_page.py starts a service that wants addresses
// confirmed, and runs this; mails are in the service's output:
//   node people.e2e.mjs ADDRESS FOLDER-FOR-SCREENSHOTS OUTPUT-OF-THE-SERVICE
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout as wait } from "node:timers/promises";
import { audit, base, file as output, newPerson, newTab, on, run } from "./harness.mjs";

const ADA = { name: "Ada Lovelace", email: "ada@example.com", password: "seven quiet lighthouses" }; // pragma: allowlist secret
const BOB = { name: "Bob Babbage", email: "bob@example.com", password: "eleven patient gardeners" }; // pragma: allowlist secret
const NEXT_PASSWORD = "thirteen sleepy accordions"; // pragma: allowlist secret
const QUESTION = "How long may I keep a borrowed book?";

const ada = await newPerson();
const bob = await newPerson();
const [hers, his] = [on(ada), on(bob)];
let bobsSecret;
let recoveryCodes;

/** Wait for a mail after the `seen` that came before; gives the link of its kind that came last. */
async function mailed(kind, seen = 0) {
  for (let tries = 0; tries < 100; tries += 1) {
    const links = (await readFile(output, "utf8")).match(new RegExp(`\\S*/#${kind}=\\S+`, "g")) ?? [];
    if (links.length > seen) return links.at(-1);
    await wait(100);
  }
  assert.fail(`no mail with ${kind}`);
}

/** RFC 6238 with SHA-1, six digits, 30 s; a code is good once, so `later` steps give fresh ones. */
function totp(secret, later = 0) {
  const digits = [...secret].map((c) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(c).toString(2).padStart(5, "0")).join(""); // pragma: allowlist secret
  const key = Buffer.from(digits.match(/.{8}/g).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + later));
  const mac = createHmac("sha1", key).update(counter).digest();
  return String((mac.readUInt32BE(mac.at(-1) & 15) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}

async function fillCredentials({ field }, { name, email, password }, registers) {
  if (registers) await field("Your name").fill(name);
  if (await field("E-mail").isEditable()) await field("E-mail").fill(email);
  await field("Password").fill(password);
}

const openSettings = ({ button }) => button("Settings").click();

async function confirmsTheAddress() {
  await ada.goto(base);
  await fillCredentials(hers, ADA, true);
  await ada.keyboard.press("Enter");
  await hers.says(`We have sent a mail to ${ADA.email}`);
  await audit(ada, "confirm-address");
  const first = await mailed("verify_email");
  await hers.button("Back to the log-in").click();
  await fillCredentials(hers, ADA);
  await hers.button("Log in").click();
  await hers.button("Send the mail again").click();
  await hers.says("another mail is on its way");
  const second = await mailed("verify_email", 1);
  assert.notEqual(first, second);
  await ada.goto(second);
  await hers.says("Your address is confirmed.");
  assert.equal(new URL(ada.url()).hash, "", "the secret has left the address bar");
  await fillCredentials(hers, ADA);
  await hers.button("Log in").click();
  await hers.field("Name of the bot").fill("Keeper");
  await ada.keyboard.press("Enter");
  await hers.button("Take a sample text").click();
  await ada.locator("#document-list [data-status=ready]").waitFor();
}

async function makesAKeyThatAnswers() {
  await openSettings(hers);
  assert.equal(await ada.evaluate(() => document.activeElement.id), "settings-title", "the focus goes along");
  await hers.says("Bots");
  await audit(ada, "settings-owner");
  await ada.getByText("Make a key").click();
  await hers.field("Name of the key").fill("Nightly import");
  await hers.field("See bots").check();
  await audit(ada, "settings-new-key");
  await hers.button("Make the key").click();
  const secret = await hers.field(/Secret of “Nightly import”/).inputValue();
  await audit(ada, "settings-key-secret");
  const headers = { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" };
  const bots = await (await fetch(`${base}/api/v1/bots`, { headers })).json();
  const chat = () => fetch(`${base}/api/v1/bots/${bots.data[0].id}/chat`, { method: "POST", headers, body: JSON.stringify({ message: QUESTION }) });
  assert.match((await (await chat()).json()).message.content, /four weeks/);
  await hers.button("Done").click();
  ada.once("dialog", (dialog) => dialog.accept());
  await hers.button("Revoke Nightly import").click();
  await hers.says("is revoked");
  assert.equal((await chat()).status, 401, "a key that was revoked is worth nothing");
}

async function joinsByInvitation() {
  await hers.field("Invite by e-mail").fill(BOB.email);
  await ada.keyboard.press("Enter");
  const link = await hers.field(`Link for ${BOB.email}, shown this once`).inputValue();
  await audit(ada, "settings-invited");
  const tab = await newTab(ada.context());
  await tab.goto(link);
  await on(tab).says(`You are logged in as ${ADA.email}.`);
  await audit(tab, "invitation-of-another");
  await on(tab).button("Not now").click();
  await on(tab).field("Bot in use").waitFor();
  await tab.close();
  await bob.goto(link);
  await his.says(`You are invited as viewer, with the address ${BOB.email}.`);
  assert.equal(new URL(bob.url()).hash, "");
  await audit(bob, "invitation");
  await fillCredentials(his, BOB, true);
  await his.button("Create account").click();
  await his.says("We have sent a mail");
  const mail = await newTab(bob.context());
  await mail.goto(await mailed("verify_email", 2));
  await on(mail).says("Your address is confirmed.");
  await mail.close();
  await his.button("Back to the log-in").click();
  await fillCredentials(his, BOB);
  await his.button("Log in").click();
  await his.says("as viewer.");
}

async function seesButCannotChange() {
  await bob.locator("#document-list [data-status=ready]").waitFor();
  assert.equal(await bob.getByLabel("Bot in use").locator("option:checked").innerText(), "Keeper");
  for (const name of ["New", "Delete Harbour Library handbook (sample)"]) assert.equal(await his.button(name).count(), 0, name);
  assert.equal(await bob.locator("#files").isVisible(), false);
  await audit(bob, "viewer");
  await openSettings(his);
  await his.says(`${ADA.email}, owner`);
  for (const words of ["Invite by e-mail", "API keys", "Usage"]) assert.equal(await bob.getByText(words, { exact: true }).filter({ visible: true }).count(), 0, words);
  await audit(bob, "settings-viewer");
  await his.button("Back").click();
  assert.equal(await bob.evaluate(() => document.activeElement.id), "settings-open", "the focus comes back");
  await his.field("Workspace in use").selectOption({ index: 0 });
  await his.field("Name of the bot").waitFor();
  await his.field("Workspace in use").selectOption({ index: 1 });
  await bob.locator("#document-list [data-status=ready]").waitFor();
}

async function becomesAnEditor() {
  await openSettings(hers);
  await hers.field("Change the role of Bob Babbage").selectOption("editor");
  await hers.button("Save the role of Bob Babbage").click();
  await hers.says("The role is changed");
  await bob.reload();
  await his.button("New").waitFor();
  assert.equal(await bob.locator("#files").isVisible(), true);
}

async function logsInWithASecondFactor() {
  await openSettings(his);
  await his.button("Set it up").click();
  bobsSecret = await his.field("Secret for your authenticator").inputValue();
  await audit(bob, "factor-setup");
  await his.field("Code that it shows").fill("000000");
  await bob.keyboard.press("Enter");
  await bob.locator("#factor-confirm [aria-invalid]").waitFor();
  await his.field("Code that it shows").fill(totp(bobsSecret));
  await bob.keyboard.press("Enter");
  recoveryCodes = (await his.field("Recovery codes, shown this once").inputValue()).split("\n");
  assert.equal(recoveryCodes.length, 10);
  await audit(bob, "factor-codes");
  await his.button("Log out").click();
  await his.button("I have an account already").click();
  await fillCredentials(his, BOB);
  await his.button("Log in").click();
  await his.field("Code").waitFor();
  await audit(bob, "second-factor");
  await his.field("Code").fill(totp(bobsSecret, 1));
  await bob.keyboard.press("Enter");
  await his.field("Bot in use").waitFor();
}

/** Back from a provider the challenge is in a cookie; here there is none, and the page says so. */
async function asksForTheCodeAfterAProvider() {
  await his.button("Log out").click();
  await his.button("Create account").waitFor();
  await bob.route("**/auth/oidc", (route) => route.fulfill({ json: { enabled: true, name: "Example ID" } }));
  await bob.goto(`${base}/#second_factor`);
  await his.field("Code").fill("123456");
  await bob.keyboard.press("Enter");
  await his.says("the challenge is missing");
  assert.equal(new URL(bob.url()).hash, "");
  await his.button("Back to the log-in").click();
  assert.match(await bob.getByRole("link", { name: "Log in with Example ID" }).getAttribute("href"), /^\/api\/v1\/auth\/oidc\/login/);
  await audit(bob, "provider");
  await bob.unrouteAll();
}

async function recoversByMail() {
  await his.button("Forgot your password?").click();
  await his.field("E-mail").fill(BOB.email);
  await his.button("Send me a link").click();
  await his.says("If there is an account with this address");
  await audit(bob, "forgot");
  await bob.goto(await mailed("reset_password"));
  await his.field("New password").fill("short");
  await bob.keyboard.press("Enter");
  await his.says("A password has 15 to 128 characters");
  await audit(bob, "reset");
  await his.field("New password").fill(NEXT_PASSWORD);
  await bob.keyboard.press("Enter");
  await his.says("Your password is set. Log in with it.");
  await fillCredentials(his, { ...BOB, password: NEXT_PASSWORD });
  await his.button("Log in").click();
  await his.field("Code").fill(recoveryCodes[0]);
  await bob.keyboard.press("Enter");
  await his.field("Bot in use").waitFor();
}

/** Both tabs take fresh tokens at the same time, and are left in the midst of it; used twice, a token ends the session. */
async function staysLoggedInInTwoTabs() {
  const tab = await newTab(bob.context());
  const both = [bob, tab];
  for (let times = 0; times < 5; times += 1)
    await Promise.all(both.map((page) => page.goto(base, { waitUntil: "commit" }).then(() => page.waitForRequest("**/auth/refresh", { timeout: 500 }).catch(() => {}))));
  await Promise.all(both.map((page) => page.goto(base)));
  await Promise.all(both.map((page) => on(page).field("Bot in use").waitFor()));
  await tab.close();
}

/** A session that is ended elsewhere leads to the log-in, and nothing of before is to be seen. */
async function endsElsewhere() {
  const tab = await newPerson();
  const { field, button, says } = on(tab);
  await tab.goto(base);
  await button("I have an account already").click();
  await fillCredentials({ field }, ADA);
  await button("Log in").click();
  await openSettings({ button });
  await button("End all others").click();
  await says("Every other session has ended.");
  await openSettings(hers);
  await hers.says("Your session has ended. Log in again.");
  assert.equal(await ada.locator("#settings").isVisible(), false);
}

const steps = [
  confirmsTheAddress,
  makesAKeyThatAnswers,
  joinsByInvitation,
  seesButCannotChange,
  becomesAnEditor,
  logsInWithASecondFactor,
  asksForTheCodeAfterAProvider,
  recoversByMail,
  staysLoggedInInTwoTabs,
  endsElsewhere,
];
await run(steps, [ada, bob]);
