// The way in: register, log in, second factor, a forgotten password, an address to confirm, an invitation.

import { call, enter, leave, send } from "./client.js";
import { $, onSubmit } from "./dom.js";
import { keepInvitation } from "./links.js";

// What is on the card at each step: its form, and where else one can go from there.
const STEPS = {
  register: { title: "Create an account", form: "credentials", submit: "Create account", ways: ["to-login"] },
  login: { title: "Log in", form: "credentials", submit: "Log in", ways: ["to-forgot", "to-register"] },
  code: { title: "Second factor", form: "code-form", ways: ["to-login"] },
  forgot: { title: "Forgot your password?", form: "forgot-form", ways: ["to-login"] },
  reset: { title: "Choose a new password", form: "reset-form", ways: ["to-login"] },
  confirm: { title: "Confirm your address", form: "confirm-form", ways: ["to-login"] },
  join: { title: "You are invited", form: "join-form", ways: ["to-work"] },
};
const FORMS = ["credentials", "code-form", "forgot-form", "reset-form", "confirm-form", "join-form"];
const WAYS = ["to-login", "to-register", "to-forgot", "to-work"];

let step = "register";
let challenge; // of a log-in that waits for its code; undefined where a cookie holds it
let address = ""; // that waits to be confirmed
let resetToken = "";
let offer = null; // the invitation under way, with its token
let entered; // what comes after it

/** Show a step of the card, and say why. */
export function show(next, said = "") {
  step = next;
  const { title, form, submit, ways } = STEPS[next];
  $("entrance-title").textContent = offer ? `Join “${offer.workspace_name}”` : title;
  $("entrance-lead").textContent = offer
    ? `You are invited as ${offer.role}, with the address ${offer.email}.`
    : "Ask your documents, and see the passage behind every answer.";
  $("entrance-lead").hidden = !offer && form !== "credentials";
  $("entrance-said").textContent = said;
  $("entrance-error").textContent = "";
  for (const id of FORMS) $(id).hidden = id !== form;
  for (const id of WAYS) $(id).hidden = !ways.includes(id);
  $("to-login").textContent = next === "register" ? "I have an account already" : "Back to the log-in";
  if (submit) showCredentials(next === "register", submit);
  $("work").hidden = $("settings").hidden = $("inside").hidden = true;
  $("entrance").hidden = false;
}

function showCredentials(register, submit) {
  const { email, password } = $("credentials").elements;
  $("enter").textContent = submit;
  $("name-field").hidden = $("name-field").firstElementChild.disabled = !register;
  $("password-hint").hidden = !register;
  password.autocomplete = register ? "new-password" : "current-password";
  email.readOnly = Boolean(offer);
  if (offer) email.value = offer.email;
}

/** The same, where something else was on the screen: the focus goes along. */
export function go(next, said) {
  show(next, said);
  $(STEPS[next].form).querySelector("input:not([readonly]):not(:disabled), button").focus();
}

/** What an invitation is good for; throws Problem where it is worth nothing. */
export async function lookUp(token) {
  offer = { token, ...(await call("/invitations/lookup", { body: { token } })) };
}

/** Ask who is logged in already whether to join; with another account than the invited one, to leave it. */
export function offerTo(user) {
  const fits = user.email.toLowerCase() === offer.email.toLowerCase();
  show("join", fits ? "" : `You are logged in as ${user.email}.`);
  $("join-form").dataset.fits = fits;
  $("join").textContent = fits ? "Join the workspace" : "Log out and go on";
}

export function resetWith(token) {
  resetToken = token;
  show("reset");
}

async function inside() {
  const token = offer?.token;
  offer = null;
  for (const id of FORMS) $(id).reset();
  await entered(token);
  $("main").focus({ preventScroll: true });
}

async function logIn(fields) {
  address = fields.email;
  try {
    const made = await enter(step, fields);
    if (made.status === "verification_sent") return go("confirm", `We have sent a mail to ${address}. Open its link, then come back and log in.`);
  } catch (problem) {
    challenge = problem.challenge;
    if (problem.code === "second_factor_required") return go("code");
    if (problem.code === "email_not_verified") return go("confirm", problem.message);
    throw problem;
  }
  await inside();
}

/** Six digits are of the authenticator; anything else is a recovery code. */
export function codeOf(text) {
  const plain = text.replace(/\s/g, "");
  return /^\d{6}$/.test(plain) ? { code: plain } : { recovery_code: text.trim() };
}

async function logInWithCode({ code }) {
  await enter("login/second_factor", { ...codeOf(code), ...(challenge && { challenge }) });
  await inside();
}

async function join() {
  if ($("join-form").dataset.fits === "true") return inside();
  await leave();
  go("login");
}

async function showProvider() {
  const { enabled, name } = await call("/auth/oidc").catch(() => ({}));
  $("provider").hidden = !enabled;
  $("provider-link").textContent = `Log in with ${name}`;
}

/** Listen to the card; `then` is called with the invitation's token, if any, once somebody is in. */
export function openEntrance(then) {
  entered = then;
  const on = (id, act) => onSubmit($(id), $("entrance-error"), act);
  on("credentials", logIn);
  on("code-form", logInWithCode);
  on("forgot-form", async ({ email }) => {
    await send("/auth/password/forgot", { body: { email } });
    $("entrance-said").textContent = "If there is an account with this address, a mail with a link is on its way. It is good for 30 minutes.";
  });
  on("reset-form", async ({ password }) => {
    await send("/auth/password/reset", { body: { token: resetToken, password } });
    $("reset-form").reset();
    go("login", "Your password is set. Log in with it.");
  });
  on("confirm-form", async () => {
    await send("/auth/email/verification", { body: { email: address } });
    $("entrance-said").textContent = `If ${address} still waits to be confirmed, another mail is on its way.`;
  });
  on("join-form", join);
  for (const next of ["login", "register", "forgot"]) $(`to-${next}`).addEventListener("click", () => go(next));
  $("to-work").addEventListener("click", () => {
    offer = null;
    inside();
  });
  $("provider-link").addEventListener("click", () => offer && keepInvitation(offer.token));
  showProvider();
}
