// API keys of the workspace.

import { all, call, send } from "./client.js";
import { $, act, button, day, make, onPanelSubmit, row, showOnce } from "./dom.js";
import { session } from "./session.js";

// What each scope is for; a test holds them against the service's own.
const SCOPES = {
  chat: "Chat: ask, and read conversations",
  "bots:read": "See bots",
  "bots:write": "Make and change bots",
  "documents:read": "Read and search documents",
  "documents:write": "Add and delete documents",
  "usage:read": "See usage",
  "audit:read": "Read the audit log",
};
const DAY_MS = 86_400_000;

export async function showKeys() {
  const keys = await all("/api_keys");
  $("key-list").replaceChildren(...keys.map(key));
  $("no-keys").hidden = keys.length > 0;
}

function key({ id, name, hint, scopes, created_by, expires_at, last_used_at }) {
  const used = last_used_at ? `used ${day(last_used_at)}` : "never used";
  const item = row(name, `${hint}…, ${used}, ${expires_at ? `until ${day(expires_at)}` : "does not expire"}`);
  item.firstElementChild.append(make("p", { className: "hint", textContent: scopes.join(", ") }));
  const actions = item.lastElementChild;
  if (created_by === session.user.id) actions.append(button("Rotate", (node) => rotate(node, id, name), `Rotate ${name}`));
  actions.append(button("Revoke", (node) => revoke(node, id, name), `Revoke ${name}`));
  return item;
}

const showSecret = ({ name, secret }) => showOnce($("key-once"), `Secret of “${name}”, shown this once`, secret);

async function rotate(node, id, name) {
  if (!confirm(`Give “${name}” a new secret? The one it has is worth nothing from then on.`)) return;
  await act(node, async () => {
    const made = await call(`/api_keys/${id}/rotate`, { method: "POST" });
    await showKeys();
    showSecret(made);
    return "The secret before is worth nothing any more.";
  });
}

async function revoke(node, id, name) {
  if (!confirm(`Revoke “${name}”? Programs that use it are refused from then on.`)) return;
  await act(node, async () => {
    await send(`/api_keys/${id}`, { method: "DELETE" });
    await showKeys();
    return `“${name}” is revoked.`;
  });
}

export function openKeys() {
  const form = $("key-form");
  const box = ([value, text]) =>
    make("label", { className: "check" }, make("input", { type: "checkbox", name: "scopes", value, checked: value === "chat" }), text);
  $("scopes").append(...Object.entries(SCOPES).map(box));
  onPanelSubmit(form, async ({ name, days }) => {
    const scopes = new FormData(form).getAll("scopes");
    if (!scopes.length) throw new Error("Choose what the key is for.");
    const expires_at = days ? new Date(Date.now() + Number(days) * DAY_MS).toISOString() : null;
    const made = await call("/api_keys", { body: { name, scopes, expires_at } });
    form.reset();
    $("new-key").open = false;
    await showKeys();
    showSecret(made);
    return `“${name}” is made: it acts as you, within its scopes.`;
  });
}
