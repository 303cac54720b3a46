import { act, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { paths } from "@/shared/paths";
import { sessionEnded, sessionLost, workspaceChosen } from "@/shared/session";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Shell } from "./shell";

const workspaces = [
  { id: "ws_1", name: "Acme", role: "owner" },
  { id: "ws_2", name: "Boreal", role: "editor" },
];

/** Bots by the workspace that has them. */
function serve(bots: Record<string, string> = {}) {
  const inOf = (request: Request) => request.headers.get("X-Workspace-Id") ?? "ws_1";
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({
        user: { id: "usr_1", email: "ada@example.com", full_name: "Ada Lovelace" },
        workspaces,
      }),
    ),
    http.get("*/api/v1/bots", () => HttpResponse.json({ data: [], next_cursor: null })),
    http.get("*/api/v1/bots/:id", ({ request, params }) =>
      bots[String(params.id)] === inOf(request)
        ? HttpResponse.json({ id: params.id, name: "Night desk" })
        : problem(404, "not_found"),
    ),
  );
}

const open = (at: string) =>
  show(Shell, { at, token: "a-token", elsewhere: { [paths.login]: () => <p>the log-in</p> } });

test("a bot of another of my workspaces is found there, and the workspace switched to", async () => {
  serve({ bot_1: "ws_2" });
  const { store } = open("/bots/bot_1");
  await waitFor(() => expect(store.getState().session.workspaceId).toBe("ws_2"));
  expect(await screen.findByRole("link", { name: /Night desk/ })).toHaveAttribute(
    "href",
    "/bots/bot_1",
  );
});

test("a bot that nobody has leaves the workspace as it is", async () => {
  serve();
  const { store } = open("/bots/bot_1");
  await waitFor(() => expect(screen.queryByRole("status", { busy: true })).not.toBeInTheDocument());
  expect(store.getState().session.workspaceId).toBeNull();
});

test("a workspace that is not mine any more is left for one that is", async () => {
  serve();
  const { store } = open("/");
  act(() => void store.dispatch(workspaceChosen("ws_of_another")));
  await waitFor(() => expect(store.getState().session.workspaceId).toBe("ws_1"));
});

test("a session that ends by itself is taken up again over the screen", async () => {
  serve();
  server.use(
    http.post("*/api/v1/auth/login", async ({ request }) => {
      const { email } = (await request.json()) as { email: string };
      return email === "ada@example.com"
        ? HttpResponse.json({ access_token: "another-token" })
        : problem(401, "unauthenticated");
    }),
  );
  const { store } = open("/");
  await screen.findByText("Workspace");
  act(() => void store.dispatch(sessionLost()));
  expect(await screen.findByText(/Log in as ada@example.com to go on/)).toBeVisible();
  await userEvent.click(screen.getByLabelText("Password"));
  await userEvent.paste("a long enough password");
  await userEvent.click(screen.getByRole("button", { name: "Log in" }));
  await waitFor(() => expect(screen.queryByRole("alertdialog")).toBeNull());
  expect(store.getState().session.accessToken).toBe("another-token");
});

test("who takes another way in, after a session ended, is led back to where they were", async () => {
  serve();
  const { store, router } = open("/bots?search=desk");
  await screen.findByText("Workspace");
  act(() => void store.dispatch(sessionLost()));
  await userEvent.click(await screen.findByRole("button", { name: "Log in another way" }));
  expect(await screen.findByText("the log-in")).toBeVisible();
  expect(router.state.location.search).toBe(`?next=${encodeURIComponent("/bots?search=desk")}`);
});

test("whoever logs out is shown the log-in", async () => {
  serve();
  const { store } = open("/");
  await screen.findByText("Workspace");
  act(() => void store.dispatch(sessionEnded()));
  expect(await screen.findByText("the log-in")).toBeVisible();
});

test("the palette goes to what was typed a part of", async () => {
  serve();
  const { router } = show(Shell, {
    token: "a-token",
    elsewhere: { [paths.members]: () => <p>the members</p> },
  });
  await screen.findByText("Workspace");
  await userEvent.keyboard("{Control>}k{/Control}");
  expect(await screen.findByRole("combobox")).toHaveFocus();
  await userEvent.keyboard("memb{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe(paths.members));
});

test("no connection is said, and said to be over", async () => {
  serve();
  open("/");
  await screen.findByText("Workspace");
  const online = vi.spyOn(navigator, "onLine", "get").mockReturnValue(false);
  act(() => void window.dispatchEvent(new Event("offline")));
  expect(await screen.findByText("Offline")).toBeVisible();
  online.mockReturnValue(true);
  act(() => void window.dispatchEvent(new Event("online")));
  await waitFor(() => expect(screen.queryByText("Offline")).toBeNull());
});
