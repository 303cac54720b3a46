// One's own account: password, second factor, where one is logged in.

import { all, call, send } from "./client.js";
import { $, act, button, moment, onPanelSubmit, row, showOnce } from "./dom.js";
import { codeOf } from "./entrance.js";
import { look, session } from "./session.js";

const BROWSERS = { "Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari" };
const SYSTEMS = { Android: "Android", iPhone: "iPhone", iPad: "iPad", Windows: "Windows", "Mac OS": "macOS", Linux: "Linux" };

export async function showAccount() {
  const { full_name, email, email_verified, second_factor } = session.user;
  $("profile").textContent = `${full_name}, ${email}`;
  $("unverified").hidden = email_verified;
  $("factor-state").textContent = second_factor
    ? "It is on: logging in takes a code of your authenticator."
    : "It is off. With it, logging in takes a code of an authenticator app too.";
  $("factor-begin").hidden = second_factor;
  $("factor-removal").hidden = !second_factor;
  $("factor-confirm").hidden = true;
  await showSessions();
}

function deviceOf(agent) {
  const named = (names) => names[Object.keys(names).find((part) => agent.includes(part))];
  const [browser, system] = [named(BROWSERS), named(SYSTEMS)];
  return [browser, system].filter(Boolean).join(" on ") || agent.slice(0, 60) || "Unknown device";
}

async function showSessions() {
  const sessions = await all("/auth/sessions");
  $("session-list").replaceChildren(...sessions.map(ownSession));
  $("end-others").hidden = sessions.length < 2;
}

function ownSession({ id, current, user_agent, address, last_used_at }) {
  const device = deviceOf(user_agent);
  const item = row(current ? `${device} (this one)` : device, `${address}, last used ${moment(last_used_at)}`);
  const end = async () => {
    await send(`/auth/sessions/${id}`, { method: "DELETE" });
    await showSessions();
    return "That session is over.";
  };
  if (!current) item.lastElementChild.append(button("End", (node) => act(node, end), `End the session of ${device}, ${address}`));
  return item;
}

async function changePassword({ current_password, new_password }) {
  await send("/me/password", { method: "PUT", body: { new_password, ...(current_password && { current_password }) } });
  $("password-form").reset();
  $("password-change").open = false;
  await showSessions();
  return "Your password is changed; every other session has ended. API keys stay.";
}

async function beginFactor() {
  const { secret, otpauth_url } = await call("/me/totp", { method: "POST" });
  $("factor-secret").value = secret;
  $("factor-link").href = $("factor-link").textContent = otpauth_url;
  $("factor-begin").hidden = true;
  $("factor-confirm").hidden = false;
  $("factor-secret").focus();
  $("factor-secret").select();
}

function forgetSecret() {
  $("factor-confirm").reset();
  $("factor-secret").value = $("factor-link").textContent = "";
  $("factor-link").removeAttribute("href");
}

async function confirmFactor({ code }) {
  const { recovery_codes } = await call("/me/totp/confirm", { body: { code: code.replace(/\s/g, "") } });
  forgetSecret();
  await look();
  await showAccount();
  showOnce($("factor-once"), "Recovery codes, shown this once", recovery_codes.join("\n"), recovery_codes.length);
  return "Keep the recovery codes well: each is good once, in the place of a code.";
}

async function removeFactor({ password, code }) {
  await send("/me/totp", { method: "DELETE", body: { ...codeOf(code), ...(password && { password }) } });
  $("factor-off").reset();
  $("factor-removal").open = false;
  await look();
  await showAccount();
  return "The second factor is off.";
}

export function openAccount() {
  onPanelSubmit($("password-form"), changePassword);
  onPanelSubmit($("factor-confirm"), confirmFactor);
  onPanelSubmit($("factor-off"), removeFactor);
  $("factor-begin").addEventListener("click", () => act($("factor-begin"), beginFactor));
  $("factor-cancel").addEventListener("click", () => {
    forgetSecret();
    $("factor-confirm").hidden = true;
    $("factor-begin").hidden = false;
    $("factor-begin").focus();
  });
  $("end-others").addEventListener("click", () =>
    act($("end-others"), async () => {
      await send("/auth/sessions", { method: "DELETE" });
      await showSessions();
      return "Every other session has ended.";
    }),
  );
  $("verify-again").addEventListener("click", () =>
    act($("verify-again"), async () => {
      await send("/auth/email/verification", { body: { email: session.user.email } });
      return "The mail is on its way.";
    }),
  );
}
