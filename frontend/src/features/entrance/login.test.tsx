import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Login } from "./login";

const elsewhere = {
  "/": () => <p>inside</p>,
  "/bots": () => <p>bots</p>,
  "/login/code": () => <p>code</p>,
};

async function logIn() {
  await userEvent.type(screen.getByLabelText("E-mail"), "ada@example.com");
  await userEvent.type(screen.getByLabelText("Password"), "correct horse battery");
  await userEvent.click(screen.getByRole("button", { name: "Log in" }));
}

const answer = (response: () => Response) => server.use(http.post("*/api/v1/auth/login", response));

test("a log-in keeps its token in memory and goes to where one wanted to go", async () => {
  answer(() => HttpResponse.json({ access_token: "a-token" }));
  const { store } = show(Login, { at: "/login?next=%2Fbots", elsewhere });
  await logIn();
  expect(await screen.findByText("bots")).toBeVisible();
  expect(store.getState().session.accessToken).toBe("a-token");
  expect(JSON.stringify({ ...localStorage, ...sessionStorage })).not.toContain("a-token");
});

test("a next address of another site is not gone to", async () => {
  answer(() => HttpResponse.json({ access_token: "a-token" }));
  show(Login, { at: "/login?next=%2F%2Fevil.example", elsewhere });
  await logIn();
  expect(await screen.findByText("inside")).toBeVisible();
});

test("a second factor is asked for with the challenge of the log-in", async () => {
  answer(() => problem(401, "second_factor_required", { challenge: "a-challenge" }));
  const { store } = show(Login, { at: "/login", elsewhere });
  await logIn();
  expect(await screen.findByText("code")).toBeVisible();
  expect(store.getState().session.challenge).toBe("a-challenge");
});

test("a refusal is said, and the form stays", async () => {
  answer(() =>
    problem(401, "unauthenticated", { detail: "The address or the password is wrong." }),
  );
  show(Login, { at: "/login", elsewhere });
  await logIn();
  expect(await screen.findByRole("alert")).toHaveTextContent(
    "The address or the password is wrong.",
  );
  expect(screen.getByLabelText("E-mail")).toHaveValue("ada@example.com");
});
