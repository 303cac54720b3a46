// Who is there, in which workspace, and what the role there allows.

import { call, chooseWorkspace, chosenWorkspace } from "./client.js";

const ROLES = ["viewer", "editor", "admin", "owner"];

/** What GET /me says, and the workspace in use (undefined: in none). */
export const session = { user: null, workspaces: [], workspace: undefined };

/** Whether the role in the workspace in use is this one or more. The server decides; this only hides. */
export const may = (least) => ROLES.indexOf(session.workspace?.role) >= ROLES.indexOf(least);

/** The roles that one may give to others. */
export const givable = () => (may("owner") ? ROLES : may("admin") ? ROLES.slice(0, 3) : []);

export async function look() {
  Object.assign(session, await call("/me"));
  session.workspace = session.workspaces.find(({ id }) => id === chosenWorkspace()) ?? session.workspaces[0];
  chooseWorkspace(session.workspace?.id);
}

/** Hide what the role does not allow. */
export function showAllowed() {
  for (const node of document.querySelectorAll("[data-least]")) node.hidden = !may(node.dataset.least);
}
