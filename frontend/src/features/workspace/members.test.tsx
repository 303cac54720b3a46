import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { fill } from "@/test/fill";
import { ada, iAm, page } from "@/test/me";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Members } from "./members";

const member = (user_id: string, full_name: string, role: string) => ({
  user_id,
  full_name,
  email: `${full_name.split(" ")[0]?.toLowerCase()}@example.com`,
  role,
  joined_at: "2026-11-01T08:00:00Z",
});

function start(role: "owner" | "admin" | "viewer") {
  iAm(role);
  const members = [member(ada.id, "Ada King", role), member("usr_grace", "Grace Hopper", "editor")];
  server.use(
    http.get("*/members", () => HttpResponse.json(page(members))),
    http.get("*/invitations", () => HttpResponse.json(page([]))),
  );
  show(Members, { at: "/workspace/members", token: "a-token" });
}

test("a viewer sees who is there, and nothing to change them by", async () => {
  start("viewer");
  expect(await screen.findByText("Grace Hopper")).toBeVisible();
  expect(screen.queryByRole("button")).toBeNull();
});

test("the only owner cannot be demoted or removed", async () => {
  start("owner");
  await screen.findByText("Grace Hopper");
  expect(screen.getByRole("combobox", { name: /Role of Grace Hopper/ })).toBeVisible();
  expect(screen.queryByRole("combobox", { name: /Role of Ada King/ })).toBeNull();
});

test("a role that the server refuses to give goes back to what it was", async () => {
  start("owner");
  server.use(http.patch("*/members/usr_grace", () => problem(403, "forbidden")));
  const role = await screen.findByRole("combobox", { name: /Role of Grace Hopper/ });
  await userEvent.selectOptions(role, "Viewer");
  await waitFor(() => expect(role).toHaveDisplayValue("Editor"));
});

test("to make somebody an owner is asked about first", async () => {
  start("owner");
  const role = await screen.findByRole("combobox", { name: /Role of Grace Hopper/ });
  await userEvent.selectOptions(role, "Owner");
  const dialog = await screen.findByRole("alertdialog", { name: "Make Grace Hopper an owner?" });
  expect(within(dialog).getByText(/remove you/)).toBeVisible();
});

test("an invitation's link is shown once, to be copied", async () => {
  start("admin");
  const link = "https://chat.example.com/#invitation=secret";
  let sent: unknown;
  server.use(
    http.post("*/invitations", async ({ request }) => {
      sent = await request.json();
      return HttpResponse.json(
        {
          id: "inv_1",
          email: "eve@example.com",
          role: "editor",
          link,
          expires_at: "2026-11-30T08:00:00Z",
        },
        { status: 201 },
      );
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Invite someone" }));
  await fill("E-mail", "eve@example.com");
  await userEvent.click(screen.getByRole("button", { name: "Invite" }));
  expect(await screen.findByLabelText("Invitation link")).toHaveValue(link);
  expect(sent).toEqual({ email: "eve@example.com", role: "editor" });
  await userEvent.click(screen.getByRole("button", { name: "Done" }));
  expect(document.body.innerHTML).not.toContain("invitation=secret");
});
