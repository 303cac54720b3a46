import { HttpResponse, http } from "msw";
import type { Role } from "@/shared/session";
import { server } from "./server";

export const ada = {
  id: "usr_ada",
  email: "ada@example.com",
  full_name: "Ada King",
  created_at: "2026-11-01T08:00:00Z",
  email_verified: true,
  second_factor: false,
  instance_admin: false,
};

/** Ada, with this role in the workspace "Engines". */
export function iAm(role: Role, user: Partial<typeof ada> = {}): void {
  const workspace = {
    id: "ws_1",
    name: "Engines",
    plan: "free",
    role,
    created_at: "2026-11-01T08:00:00Z",
    default_model: null,
    deleted_at: null,
    erase_after: null,
  };
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({ user: { ...ada, ...user }, workspaces: [workspace] }),
    ),
    http.get("*/api/v1/workspaces", () => HttpResponse.json(page([workspace]))),
    http.get("*/api/v1/workspaces/ws_1", () => HttpResponse.json(workspace)),
  );
}

/** A list that fits on one page. */
export const page = <Item>(data: readonly Item[], next_cursor: string | null = null) => ({
  data,
  next_cursor,
  has_more: next_cursor !== null,
});
