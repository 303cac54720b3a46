// Accounts, workspaces and keys in a real browser. The service wants addresses confirmed; its output
// has the mails:
//   node people.e2e.mjs ADDRESS FOLDER-FOR-SCREENSHOTS OUTPUT-OF-THE-SERVICE
import assert from "node:assert/strict";
import { mailed, totp } from "./accounts.mjs";
import { audit, base, FEW_VIEWS, newPerson, newTab, on, run } from "./harness.mjs";

const ADA = { name: "Ada Lovelace", email: "ada@example.com", password: "seven quiet lighthouses" }; // pragma: allowlist secret
const BOB = { name: "Bob Babbage", email: "bob@example.com", password: "eleven patient gardeners" }; // pragma: allowlist secret
const NEXT_PASSWORD = "thirteen sleepy accordions"; // pragma: allowlist secret
const QUESTION = "How many days of holiday do I have?";

const ada = await newPerson();
const bob = await newPerson();
const [hers, his] = [on(ada), on(bob)];
let bobsSecret;
let recoveryCodes;

const link = (page, name) => page.getByRole("link", { name, exact: true });
const menuItem = (page, name) => page.getByRole("menuitem", { name, exact: true });
const atHome = (page) => page.getByRole("heading", { name: /^Welcome/ }).waitFor();
const look = (page, name) => audit(page, name, FEW_VIEWS);

async function logIn(page, { email, password }) {
  const { field, button } = on(page);
  await field("E-mail").fill(email);
  await field("Password").fill(password);
  await button("Log in").click();
}

async function register(page, { name, email, password }) {
  const { field } = on(page);
  await field("Your name").fill(name);
  await field("E-mail").fill(email);
  await field("Password").fill(password);
  await page.keyboard.press("Enter");
  await on(page).says(`We have sent a mail to ${email}`);
}

async function logOut(page) {
  await on(page).button("Your account").click();
  await menuItem(page, "Log out").click();
  await page.waitForURL("**/login");
}

/** By links alone, as a person goes. */
async function goToWorkspace(page, tab) {
  await link(page, "Workspace").click();
  await link(page, tab).click();
  await page.getByRole("link", { name: tab, exact: true, current: "page" }).waitFor();
}

async function confirmsTheAddress() {
  await ada.goto(base);
  await link(ada, "Create an account").click();
  await register(ada, ADA);
  await look(ada, "confirm-address");
  const first = await mailed("verify_email");
  await link(ada, "Back to log-in").click();
  await logIn(ada, ADA);
  await hers.button("Send the mail again").click();
  await hers.says("Another mail is on its way.");
  const second = await mailed("verify_email", 1);
  assert.notEqual(first, second);
  await ada.goto(second);
  await hers.says("Your address is confirmed.");
  assert.equal(new URL(ada.url()).hash, "", "the secret has left the address bar");
  await look(ada, "address-confirmed");
  await logIn(ada, ADA);
  await hers.button("Try it with a sample").click();
  await hers.button(QUESTION).waitFor();
}

const chatWith = async (secret) => {
  const headers = { Authorization: `Bearer ${secret}`, "Content-Type": "application/json" };
  const { data } = await (await fetch(`${base}/api/v1/bots`, { headers })).json();
  return () =>
    fetch(`${base}/api/v1/bots/${data[0].id}/chat`, {
      method: "POST",
      headers,
      body: JSON.stringify({ message: QUESTION, version: "draft" }),
    });
};

async function makesAKeyThatAnswers() {
  await goToWorkspace(ada, "API keys");
  await ada.waitForFunction(() => document.activeElement.id === "main"); // the focus goes along
  await hers.button("Create an API key").click();
  const dialog = ada.getByRole("dialog");
  await dialog.getByRole("textbox", { name: "Name" }).fill("Nightly import");
  await dialog.getByText(/^Read bots/).click();
  await look(ada, "new-key");
  await dialog.getByRole("button", { name: "Create an API key" }).click();
  const secret = await hers.field("Secret").inputValue();
  await look(ada, "key-secret");
  await ada.keyboard.press("Escape");
  await hers.says("This is the only time it is shown.");
  await hers.button("I have stored it").click();
  const chat = await chatWith(secret);
  assert.match((await (await chat()).json()).message.content, /28 days/);
  await hers.button("Actions for “Nightly import”").click();
  await menuItem(ada, "Revoke").click();
  await look(ada, "revoke-key");
  await hers.button("Revoke").click();
  await hers.says("“Nightly import” is revoked");
  assert.equal((await chat()).status, 401, "a key that was revoked is worth nothing");
}

async function invites() {
  await goToWorkspace(ada, "Members");
  await hers.button("Invite someone").click();
  await hers.field("E-mail").fill(BOB.email);
  await ada.getByRole("dialog").getByLabel("Role").selectOption("Viewer");
  await look(ada, "invite");
  await hers.button("Invite").click();
  const offered = await hers.field("Invitation link").inputValue();
  await look(ada, "invited");
  await hers.button("Done").click();
  return offered;
}

/** Who is somebody else may leave it; whoever is invited makes an account, and ends where the link led. */
async function joinsByInvitation() {
  const offered = await invites();
  const tab = await newTab(ada.context());
  await tab.goto(offered);
  await on(tab).says(`You are logged in as ${ADA.email}, but somebody else is invited.`);
  await look(tab, "invitation-of-another");
  await link(tab, "Not now").click();
  await atHome(tab);
  await tab.close();
  await bob.goto(offered);
  await his.says(`You are invited as viewer, with the address ${BOB.email}.`);
  assert.equal(new URL(bob.url()).hash, "");
  await look(bob, "invitation");
  await link(bob, "Create an account").click();
  await register(bob, BOB);
  const mail = await newTab(bob.context());
  await mail.goto(await mailed("verify_email", 2));
  await on(mail).says("Your address is confirmed.");
  await mail.close();
  await link(bob, "Back to log-in").click();
  await logIn(bob, BOB);
  await his.button("Join the workspace").waitFor();
  await look(bob, "invitation-to-accept");
  await his.button("Join the workspace").click();
  await his.says("Choose a bot to ask it something.");
}

async function goesBetweenWorkspaces() {
  const theBot = bob.locator("#main").getByRole("link", { name: /Employee handbook/ });
  await theBot.waitFor();
  const choose = async (name) => {
    await bob.getByRole("button", { name: /switch to another$/ }).click();
    await bob.getByRole("menuitemradio", { name }).click();
  };
  await choose(/Bob/);
  await his.button("Try it with a sample").waitFor();
  assert.equal(await theBot.count(), 0, "nothing of the other workspace stays on the screen");
  await choose(/Ada/);
  await theBot.waitFor();
}

async function seesButCannotChange() {
  await goToWorkspace(bob, "Members");
  await his.says("An admin can invite people and change roles.");
  await his.says(ADA.email);
  for (const name of ["Invite someone", `Remove ${ADA.name}`, "Revoke"])
    assert.equal(await his.button(name).count(), 0, name);
  for (const name of ["API keys", "Plan and usage", "Audit log"])
    assert.equal(await link(bob, name).count(), 0, name);
  await look(bob, "members-viewer");
}

async function becomesAnEditor() {
  await ada.reload();
  await hers.field("Role of Bob Babbage").selectOption("Editor");
  await hers.says("Bob Babbage is now: Editor");
  await bob.reload();
  await link(bob, "Bots").click();
  await link(bob, "Create a bot").waitFor();
}

async function logsInWithASecondFactor() {
  await his.button("Your account").click();
  await menuItem(bob, "Profile and security").click();
  await his.button("Turn on").click();
  const dialog = bob.getByRole("alertdialog");
  bobsSecret = await his.field("Secret").inputValue();
  await look(bob, "factor-setup");
  await his.field("Code").fill("000000");
  await bob.keyboard.press("Enter");
  await dialog.locator("[aria-invalid=true], .text-danger").first().waitFor();
  await his.field("Code").fill(totp(bobsSecret));
  await bob.keyboard.press("Enter");
  const codes = bob.getByRole("list", { name: "Recovery codes" }).getByRole("listitem");
  await codes.first().waitFor();
  recoveryCodes = await codes.allTextContents();
  assert.equal(recoveryCodes.length, 10);
  await look(bob, "factor-codes");
  await his.button("I have stored them").click();
  await his.button("Turn off").waitFor();
  await logOut(bob);
  await logIn(bob, BOB);
  await his.field("Code").waitFor();
  await look(bob, "second-factor");
  await his.field("Code").fill(totp(bobsSecret, 1));
  await bob.keyboard.press("Enter");
  await atHome(bob);
}

/** Back from a provider the challenge is in a cookie; here there is none, and the screen says so. */
async function comesBackFromAProvider() {
  await logOut(bob);
  await bob.route("**/auth/oidc", (route) =>
    route.fulfill({ json: { enabled: true, name: "Example ID" } }),
  );
  await bob.goto(`${base}/#second_factor`);
  await his.field("Code").fill("123456");
  await bob.keyboard.press("Enter");
  await his.says("the challenge is missing");
  assert.equal(new URL(bob.url()).hash, "");
  await link(bob, "Back to log-in").click();
  const way = link(bob, "Log in with Example ID");
  assert.match(await way.getAttribute("href"), /^\/api\/v1\/auth\/oidc\/login/);
  await bob.goto(`${base}/#oidc_error=account_exists`);
  await his.says("There is an account with your address already.");
  await way.waitFor();
  assert.equal(new URL(bob.url()).hash, "");
  await look(bob, "provider");
  await bob.unrouteAll();
}

async function recoversByMail() {
  await link(bob, "Forgot your password?").click();
  await his.field("E-mail").fill(BOB.email);
  await his.button("Send me a link").click();
  await his.says("If there is an account with this address");
  await look(bob, "forgot-sent");
  await bob.goto(await mailed("reset_password"));
  await his.field("New password").fill("short");
  await bob.keyboard.press("Enter");
  await his.says("Use 15 characters or more.");
  assert.equal(new URL(bob.url()).hash, "");
  await look(bob, "reset");
  await his.field("New password").fill(NEXT_PASSWORD);
  await bob.keyboard.press("Enter");
  await his.says("Your password is set. Log in with it.");
  await logIn(bob, { ...BOB, password: NEXT_PASSWORD });
  await his.field("Code").fill(recoveryCodes[0]);
  await bob.keyboard.press("Enter");
  await atHome(bob);
}

const steps = [
  confirmsTheAddress,
  makesAKeyThatAnswers,
  joinsByInvitation,
  goesBetweenWorkspaces,
  seesButCannotChange,
  becomesAnEditor,
  logsInWithASecondFactor,
  comesBackFromAProvider,
  recoversByMail,
];
await run(steps, [ada, bob]);
