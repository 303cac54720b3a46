// The page: what the address brought, who is there, which workspace. The views are in files of their own.

import { call, chooseWorkspace, leave, onSessionEnd, refresh, send } from "./client.js";
import { openDocuments, showBots } from "./documents.js";
import { $, make } from "./dom.js";
import { go, lookUp, offerTo, openEntrance, resetWith, show } from "./entrance.js";
import { takeFragment, takeInvitation } from "./links.js";
import { look, session, showAllowed } from "./session.js";
import { closeSettings, openSettings } from "./settings.js";

const HEALTH_EVERY_MS = 15_000;
const link = takeFragment();

async function showHealth() {
  const response = await fetch("/readyz").catch(() => null);
  const [state, words] = !response ? ["bad", "No answer"] : response.ok ? ["good", "Running"] : ["bad", "Not ready"];
  if ($("health").textContent !== words) $("health").textContent = words;
  $("health").dataset.state = state;
  setTimeout(showHealth, HEALTH_EVERY_MS);
}

const say = (words) => ($("notice").textContent = words);
const complain = (problem) => ($("trouble").textContent = problem.message);

async function showWork() {
  $("trouble").textContent = "";
  await look();
  const { workspace, workspaces } = session;
  $("workspaces").replaceChildren(...workspaces.map(({ id, name }) => make("option", { value: id, textContent: name })));
  $("workspaces").value = workspace?.id;
  $("workspace-choice").hidden = workspaces.length < 2;
  $("entrance").hidden = $("settings").hidden = true;
  $("work").hidden = $("inside").hidden = false;
  showAllowed();
  if (workspace) await showBots();
  else await openSettings();
}

/** Somebody is in; with the token of an invitation, into its workspace. */
async function enterWork(invitation) {
  say("");
  if (invitation) await accept(invitation);
  await showWork().catch(complain);
}

async function accept(token) {
  try {
    const { id, name, role } = await call("/invitations/accept", { body: { token } });
    chooseWorkspace(id);
    say(`You are in “${name}” now, as ${role}.`);
  } catch (problem) {
    say(problem.message);
  }
}

async function verify(token) {
  try {
    await send("/auth/email/verify", { body: { token } });
    return "Your address is confirmed.";
  } catch (problem) {
    return problem.message;
  }
}

/** Go where the address leads: {kind, token} of a mail's link, or null. */
async function begin({ kind, token }) {
  if (kind === "reset_password") return resetWith(token);
  if (kind === "second_factor") return show("code");
  const said = kind === "verify_email" ? await verify(token) : "";
  const isIn = await refresh().catch(() => false);
  if (kind === "invitation") return invited(token, isIn);
  if (!isIn) return show(said ? "login" : "register", said);
  await enterWork();
  say(said);
}

async function invited(token, isIn) {
  try {
    await lookUp(token);
    if (isIn) offerTo((await call("/me")).user);
    else show("register", "Make an account, or log in to the one you have.");
  } catch (problem) {
    if (isIn) await enterWork();
    else show("login");
    complain(problem);
  }
}

function listen() {
  openEntrance(enterWork);
  openDocuments();
  onSessionEnd(() => go("login", "Your session has ended. Log in again."));
  $("log-out").addEventListener("click", async () => {
    await leave().catch(() => {});
    location.reload();
  });
  $("workspaces").addEventListener("change", () => {
    chooseWorkspace($("workspaces").value);
    say("");
    showWork().catch(complain);
  });
  $("settings-open").addEventListener("click", () => {
    say("");
    openSettings().catch(complain);
  });
  $("settings-close").addEventListener("click", () => closeSettings());
}

listen();
showHealth();
const kept = takeInvitation();
await begin(link ?? { kind: kept && "invitation", token: kept });
