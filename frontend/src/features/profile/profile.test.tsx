import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { fill } from "@/test/fill";
import { iAm, page } from "@/test/me";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { deviceOf } from "./device";
import { Profile } from "./profile";

const FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
const session = (id: string, current: boolean, user_agent = FIREFOX) => ({
  id,
  current,
  user_agent,
  address: "203.0.113.7",
  created_at: "2026-11-20T08:00:00Z",
  last_used_at: "2026-11-23T08:00:00Z",
  expires_at: "2026-12-20T08:00:00Z",
});

function start(user: Parameters<typeof iAm>[1] = {}, sessions = [session("ses_1", true)]) {
  iAm("owner", user);
  server.use(http.get("*/api/v1/auth/sessions", () => HttpResponse.json(page(sessions))));
  return show(Profile, { at: "/profile", token: "a-token" });
}
const part = async (name: string) => within(await screen.findByRole("region", { name }));

test("what the server says about a password stands at its field", async () => {
  start();
  server.use(
    http.put("*/api/v1/me/password", () =>
      problem(422, "wrong_password", {
        errors: [{ pointer: "/current_password", detail: "This is not your password." }],
      }),
    ),
  );
  const password = await part("Password");
  await fill("Current password", "wrong", password);
  await fill("New password", "a quite new long one", password);
  await userEvent.click(password.getByRole("button", { name: "Change the password" }));
  expect(await screen.findByText("This is not your password.")).toBeVisible();
});

test("a password that was changed is forgotten by the form", async () => {
  start();
  server.use(http.put("*/api/v1/me/password", () => new HttpResponse(null, { status: 204 })));
  const password = await part("Password");
  await fill("Current password", "the one before it", password);
  await fill("New password", "a quite new long one", password);
  await userEvent.click(password.getByRole("button", { name: "Change the password" }));
  await waitFor(() => expect(password.getByLabelText("New password")).toHaveValue(""));
  expect(password.getByLabelText("Current password")).toHaveValue("");
});

vi.setConfig({ testTimeout: 20_000 }); // the drawing of QR codes is loaded when it is needed

test("the second factor takes a code, then shows the recovery codes once", async () => {
  start();
  let sent: unknown;
  server.use(
    http.post("*/api/v1/me/totp", () =>
      HttpResponse.json({ secret: "GEZDGNBV", otpauth_url: "otpauth://totp/x?secret=GEZDGNBV" }),
    ),
    http.post("*/api/v1/me/totp/confirm", async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json({ recovery_codes: ["aaaa-bbbb", "cccc-dddd"] });
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Turn on" }));
  expect(await screen.findByRole("img", { name: /QR code/ }, { timeout: 10_000 })).toBeVisible();
  expect(screen.getByLabelText("Secret")).toHaveValue("GEZDGNBV");
  await fill("Code", "123 456");
  await userEvent.click(screen.getByRole("button", { name: "Turn on" }));
  expect(await screen.findByText("cccc-dddd")).toBeVisible();
  expect(sent).toEqual({ code: "123456" });
  await userEvent.click(screen.getByRole("button", { name: "I have stored them" }));
  expect(screen.queryByText("cccc-dddd")).toBeNull();
});

test("turning it off takes a recovery code too", async () => {
  start({ second_factor: true });
  let sent: unknown;
  server.use(
    http.delete("*/api/v1/me/totp", async ({ request }) => {
      sent = await request.json();
      return new HttpResponse(null, { status: 204 });
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Turn off" }));
  const dialog = within(await screen.findByRole("dialog"));
  await fill("Current password", "my long password", dialog);
  await fill("Code", "aaaa-bbbb", dialog);
  await userEvent.click(dialog.getByRole("button", { name: "Turn off" }));
  await waitFor(() =>
    expect(sent).toEqual({ password: "my long password", recovery_code: "aaaa-bbbb" }),
  );
});

test("this device comes first and cannot be ended here; another can", async () => {
  const others = [session("ses_2", false, "curl/7.88.1"), session("ses_1", true)];
  start({}, others);
  let ended = "";
  server.use(
    http.delete("*/api/v1/auth/sessions/:id", ({ params }) => {
      ended = String(params.id);
      return new HttpResponse(null, { status: 204 });
    }),
  );
  const rows = (await part("Where you are logged in")).getAllByRole("listitem");
  await waitFor(() => expect(rows[0]).toHaveTextContent("Firefox · LinuxThis device"));
  await userEvent.click(screen.getByRole("button", { name: "Log out: curl" }));
  await waitFor(() => expect(ended).toBe("ses_2"));
});

test("an account that others depend on says why it cannot be deleted", async () => {
  const { store } = start();
  server.use(
    http.delete("*/api/v1/me", () =>
      problem(409, "sole_owner", { detail: "Nobody else owns Engines." }),
    ),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Delete my account" }));
  const dialog = within(await screen.findByRole("alertdialog"));
  await fill("Current password", "my long password", dialog);
  await userEvent.click(dialog.getByRole("button", { name: "Delete my account" }));
  expect(await screen.findByText("Nobody else owns Engines.")).toBeVisible();
  expect(store.getState().session.status).toBe("active");
});

test("a deleted account is logged out", async () => {
  const { store } = start();
  server.use(http.delete("*/api/v1/me", () => new HttpResponse(null, { status: 204 })));
  await userEvent.click(await screen.findByRole("button", { name: "Delete my account" }));
  const dialog = within(await screen.findByRole("alertdialog"));
  await userEvent.click(dialog.getByRole("button", { name: "Delete my account" }));
  await waitFor(() => expect(store.getState().session.status).toBe("anonymous"));
});

test.each([
  ["Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge · Windows"],
  [
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
    "Safari · iOS",
  ],
  ["python-requests/2.32", "python-requests"],
  ["", ""],
])("a device is told by %s", (agent, name) => expect(deviceOf(agent)).toBe(name));
