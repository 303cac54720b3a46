import { screen } from "@testing-library/react";
import { HttpResponse, http } from "msw";
import { iAm, page } from "@/test/me";
import { server } from "@/test/server";
import { show } from "@/test/show";
import { Layout } from "./layout";

const namesOf = (links: HTMLElement[]) => links.map((link) => link.textContent);
const places = async () => {
  await screen.findByRole("heading", { name: "Engines" });
  return namesOf(screen.getAllByRole("link"));
};

test("an owner is offered every place of the workspace", async () => {
  iAm("owner");
  show(Layout, { at: "/workspace", token: "a-token" });
  expect(await places()).toEqual([
    "Settings",
    "Members",
    "API keys",
    "Plan and usage",
    "Audit log",
  ]);
});

test("a viewer is offered what viewers may see", async () => {
  iAm("viewer");
  show(Layout, { at: "/workspace", token: "a-token" });
  expect(await places()).toEqual(["Settings", "Members"]);
});

test("an address that the role does not open says which role it takes", async () => {
  iAm("viewer");
  show(Layout, { at: "/workspace/api-keys", token: "a-token" });
  expect(await screen.findByText("This is not open to your role")).toBeVisible();
  expect(screen.getByText(/a stronger one: Admin/)).toBeVisible();
});

test("who is in no workspace can restore a deleted one", async () => {
  const deleted = {
    id: "ws_2",
    name: "Old",
    plan: "free",
    role: "owner",
    created_at: "2026-11-01T08:00:00Z",
    default_model: null,
    deleted_at: "2026-11-20T08:00:00Z",
    erase_after: "2026-11-27T08:00:00Z",
  };
  iAm("owner");
  server.use(
    http.get("*/api/v1/me", () => HttpResponse.json({ user: {}, workspaces: [] })),
    http.get("*/api/v1/workspaces", () => HttpResponse.json(page([deleted]))),
  );
  show(Layout, { at: "/workspace", token: "a-token" });
  expect(await screen.findByRole("button", { name: "Restore Old" })).toBeVisible();
  expect(screen.getByText(/erased on Nov 27, 2026/)).toBeVisible();
});
