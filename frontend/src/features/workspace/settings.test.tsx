import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { fill } from "@/test/fill";
import { iAm, page } from "@/test/me";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Settings } from "./settings";

const own = (provider: string) => ({
  provider,
  hint: "…x9Ab",
  base_url: null,
  updated_at: "2026-11-20T08:00:00Z",
  updated_by: "usr_ada",
});

function start(role: "owner" | "admin" | "viewer", keys = [own("openai")]) {
  iAm(role);
  server.use(
    http.get("*/api/v1/provider_credentials", () => HttpResponse.json(page(keys))),
    http.get("*/members", () => HttpResponse.json(page([]))),
  );
  show(Settings, { at: "/workspace", token: "a-token" });
}

test("a viewer reads the name and may leave, and sees no keys, export or deletion", async () => {
  start("viewer");
  expect(await screen.findByLabelText("Name")).toHaveAttribute("readonly");
  expect(screen.getByRole("button", { name: "Leave the workspace" })).toBeVisible();
  expect(screen.queryByText("Model providers")).toBeNull();
  expect(screen.queryByRole("button", { name: "Delete the workspace" })).toBeNull();
});

test("a model that cannot be had is said at its field", async () => {
  start("admin");
  server.use(
    http.patch("*/api/v1/workspaces/ws_1", () =>
      problem(422, "model_not_configured", {
        errors: [{ pointer: "/default_model", detail: "There is no key for it." }],
      }),
    ),
  );
  await userEvent.type(await screen.findByLabelText("Default model"), "openai/gpt");
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("There is no key for it.")).toBeVisible();
  expect(screen.getByLabelText("Default model")).toBeInvalid();
});

test("a provider's key is sent once and stands nowhere afterwards", async () => {
  start("admin", []);
  let sent: unknown;
  server.use(
    http.put("*/api/v1/provider_credentials/openai", async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json(own("openai"));
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Add a key for OpenAI" }));
  await fill("API key", "sk-very-secret");
  await userEvent.click(screen.getByRole("button", { name: "Add a key" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(sent).toEqual({ api_key: "sk-very-secret", base_url: null });
  expect(document.body.innerHTML).not.toContain("sk-very-secret");
});

test("a workspace is deleted only once its name was typed", async () => {
  start("owner");
  let isDeleted = false;
  server.use(
    http.delete("*/api/v1/workspaces/ws_1", () => {
      isDeleted = true;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Delete the workspace" }));
  await screen.findByLabelText("Type “Engines” to confirm");
  const confirm = screen.getByRole("button", { name: "Delete the workspace" });
  expect(confirm).toBeDisabled();
  await fill("Type “Engines” to confirm", "Engines");
  await userEvent.click(confirm);
  await waitFor(() => expect(isDeleted).toBe(true));
});
