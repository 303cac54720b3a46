// The view of account and workspace: opened and closed, filled by what the role may see.

import { chooseWorkspace, call } from "./client.js";
import { openAccount, showAccount } from "./account.js";
import { $, hideOnce, make, onPanelSubmit } from "./dom.js";
import { openKeys, showKeys } from "./keys.js";
import { openPeople, showPeople } from "./people.js";
import { may, session } from "./session.js";

const LIMITS = {
  bots: "Bots",
  documents: "Documents",
  bytes: "Storage",
  members: "Members",
  messages_month: "Messages this month",
  tokens_month: "Tokens this month",
};
const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];
const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

export async function openSettings() {
  const { workspace } = session;
  $("work").hidden = true;
  $("settings").hidden = false;
  for (const holder of document.querySelectorAll("#settings .once")) hideOnce(holder);
  for (const words of document.querySelectorAll("#settings :is(.said, .error)")) words.textContent = "";
  $("workspace-name").textContent = workspace ? `“${workspace.name}”: your role is ${workspace.role}.` : "You are in no workspace: make one, or be invited.";
  $("settings-close").hidden = $("people").hidden = !workspace;
  $("settings-title").focus();
  const shown = [showAccount()];
  if (workspace) shown.push(showPeople());
  if (may("admin")) shown.push(showKeys());
  if (may("editor")) shown.push(showUsage());
  await Promise.all(shown);
}

export function closeSettings() {
  for (const holder of document.querySelectorAll("#settings .once")) hideOnce(holder);
  $("settings").hidden = true;
  $("work").hidden = false;
  $("settings-open").focus();
}

function sizeOf(bytes) {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10));
  return `${NUMBER.format(bytes / 1024 ** power)} ${UNITS[power]}`;
}

function standing({ name, used, limit }) {
  const words = name === "bytes" ? sizeOf : (number) => NUMBER.format(number);
  const title = LIMITS[name] ?? name;
  const text = make("div", { className: "row spread" }, make("span", { textContent: title }), make("span", { className: "soft" }));
  text.lastElementChild.textContent = limit === null ? `${words(used)}, no limit` : `${words(used)} of ${words(limit)}`;
  const item = make("li", {}, text);
  if (limit === null) return item;
  const bar = make("progress", { max: 1, value: limit ? used / limit : 1 });
  bar.setAttribute("aria-label", title);
  item.append(bar);
  return item;
}

async function showUsage() {
  const { limits } = await call("/usage");
  $("usage-list").replaceChildren(...limits.map(standing));
}

onPanelSubmit($("workspace-form"), async ({ name }) => {
  const made = await call("/workspaces", { body: { name } });
  chooseWorkspace(made.id);
  location.reload();
});
openPeople();
openKeys();
openAccount();
