// Who belongs to the workspace, and who is invited.

import { all, call, send } from "./client.js";
import { $, act, button, day, make, onPanelSubmit, row, showOnce } from "./dom.js";
import { givable, may, session } from "./session.js";

const path = (rest) => `/workspaces/${session.workspace.id}/${rest}`;
const options = (roles, chosen) => roles.map((role) => new Option(role, role, false, role === chosen));

export async function showPeople() {
  const [members, invitations] = await Promise.all([all(path("members")), may("admin") ? all(path("invitations")) : []]);
  $("member-list").replaceChildren(...members.map(member));
  $("invitation-list").replaceChildren(...invitations.map(invitation));
  const roles = givable().filter((role) => role !== "owner");
  $("invite-form").elements.role.replaceChildren(...options(roles, "viewer"));
}

function member({ user_id, role, full_name, email }) {
  const self = user_id === session.user.id;
  const item = row(self ? `${full_name} (you)` : full_name, givable().includes(role) ? email : `${email}, ${role}`);
  const actions = item.lastElementChild;
  const name = self ? "your own role" : `the role of ${full_name}`;
  if (givable().includes(role)) actions.append(...changing(user_id, role, name, self));
  if (self) actions.append(button("Leave", (node) => leave(node, user_id), "Leave this workspace"));
  else if (givable().includes(role)) actions.append(button("Remove", (node) => remove(node, user_id, full_name), `Remove ${full_name}`));
  return item;
}

/** A role is saved by a button of its own: a list that saves as one moves through it surprises. */
function changing(id, role, name, self) {
  const list = make("select", {}, ...options(givable(), role));
  list.setAttribute("aria-label", `Change ${name}`);
  const change = async () => {
    await send(path(`members/${id}`), { method: "PATCH", body: { role: list.value } });
    if (self) return location.reload();
    await showPeople();
    return "The role is changed; it holds from the next request on.";
  };
  const save = button("Save", (node) => act(node, change), `Save ${name}`);
  save.hidden = true;
  list.addEventListener("change", () => (save.hidden = list.value === role));
  return [list, save];
}

async function leave(node, id) {
  if (!confirm(`Leave “${session.workspace.name}”? API keys that you made there are worth nothing from then on.`)) return;
  await act(node, async () => {
    await send(path(`members/${id}`), { method: "DELETE" });
    location.reload();
  });
}

async function remove(node, id, name) {
  if (!confirm(`Remove ${name} from “${session.workspace.name}”? Their API keys are worth nothing from then on.`)) return;
  await act(node, async () => {
    await send(path(`members/${id}`), { method: "DELETE" });
    await showPeople();
    return `${name} is not in this workspace any more.`;
  });
}

function invitation({ id, email, role, expires_at }) {
  const withdraw = async () => {
    await send(path(`invitations/${id}`), { method: "DELETE" });
    await showPeople();
    return `The invitation of ${email} is worth nothing any more.`;
  };
  return row(email, `Invited as ${role}, until ${day(expires_at)}`, button("Withdraw", (node) => act(node, withdraw), `Withdraw the invitation of ${email}`));
}

export function openPeople() {
  onPanelSubmit($("invite-form"), async (fields) => {
    const { email, link } = await call(path("invitations"), { body: fields });
    $("invite-form").elements.email.value = "";
    await showPeople();
    showOnce($("invite-once"), `Link for ${email}, shown this once`, link);
    return "Invited. Where mail is set up, the link was mailed too.";
  });
}
