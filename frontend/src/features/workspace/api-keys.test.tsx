import { screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { fill } from "@/test/fill";
import { ada, iAm, page } from "@/test/me";
import { server } from "@/test/server";
import { show } from "@/test/show";
import { ApiKeys } from "./api-keys";
import { curlOf } from "./scopes";

const key = {
  id: "key_1",
  name: "Nightly import",
  hint: "csk_x9Ab",
  scopes: ["chat"],
  created_at: "2026-11-01T08:00:00Z",
  created_by: "usr_grace",
  expires_at: null,
  last_used_at: null,
};

function start(keys: (typeof key)[]) {
  iAm("admin");
  server.use(
    http.get("*/api/v1/api_keys", () => HttpResponse.json(page(keys))),
    http.get("*/members", () => HttpResponse.json(page([]))),
  );
  show(ApiKeys, { at: "/workspace/api-keys", token: "a-token" });
}

vi.setConfig({ testTimeout: 20_000 }); // roles of many controls are looked up, which is slow in jsdom

test("a new key's secret is shown until it is said to be stored", async () => {
  start([]);
  let sent: { scopes?: string[]; expires_at?: string } = {};
  server.use(
    http.post("*/api/v1/api_keys", async ({ request }) => {
      sent = (await request.json()) as typeof sent;
      return HttpResponse.json({ ...key, secret: "csk_whole" }, { status: 201 });
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Create an API key" }));
  await fill("Name", "Nightly import");
  await userEvent.click(screen.getByRole("checkbox", { name: /Read documents/ }));
  await userEvent.click(screen.getByRole("button", { name: "Create an API key" }));
  expect(await screen.findByLabelText("Secret")).toHaveValue("csk_whole");
  expect(sent.scopes).toEqual(["chat", "documents:read"]);
  expect(Date.parse(sent.expires_at ?? "")).toBeGreaterThan(Date.now());
  await userEvent.keyboard("{Escape}");
  await userEvent.click(await screen.findByRole("button", { name: "I have stored it" }));
  expect(screen.queryByLabelText("Secret")).toBeNull();
});

test("a key without any permission is not asked for", async () => {
  start([]);
  await userEvent.click(await screen.findByRole("button", { name: "Create an API key" }));
  await fill("Name", "Useless");
  await userEvent.click(screen.getByRole("checkbox", { name: /Chat/ }));
  await userEvent.click(screen.getByRole("button", { name: "Create an API key" }));
  expect(await screen.findByText("Choose at least one.")).toBeVisible();
});

test("a key of somebody else's can be revoked, and not given a new secret", async () => {
  start([key]);
  let isRevoked = false;
  server.use(
    http.delete("*/api/v1/api_keys/key_1", () => {
      isRevoked = true;
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await userEvent.click(
    await screen.findByRole("button", { name: "Actions for “Nightly import”" }),
  );
  expect(screen.queryByRole("menuitem", { name: "New secret" })).toBeNull();
  await userEvent.click(await screen.findByRole("menuitem", { name: "Revoke" }));
  await userEvent.click(await screen.findByRole("button", { name: "Revoke" }));
  await waitFor(() => expect(isRevoked).toBe(true));
});

test("one's own key can be given a new secret", async () => {
  start([{ ...key, created_by: ada.id }]);
  await userEvent.click(
    await screen.findByRole("button", { name: "Actions for “Nightly import”" }),
  );
  expect(await screen.findByRole("menuitem", { name: "New secret" })).toBeVisible();
});

test("the example request never holds the key itself", () => {
  const text = curlOf("https://chat.example.com", ["documents:read"]);
  expect(text).toContain("https://chat.example.com/api/v1/bots/BOT_ID/documents");
  expect(text).toContain("Bearer $CHATSPHERE_API_KEY");
});
