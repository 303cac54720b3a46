import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { useState } from "react";
import { server } from "@/test/server";
import { show } from "@/test/show";
import { Help } from "./help";
import { useShortcuts } from "./shortcuts";

const me = {
  user: { id: "usr_1", email: "ada@example.com", full_name: "Ada Lovelace" },
  workspaces: [{ id: "ws_1", name: "Acme", role: "owner" }],
};

function Screen() {
  const [said, say] = useState("nothing");
  useShortcuts({ onPalette: () => say("palette"), onHelp: () => say("help") });
  return (
    <main id="main">
      <p>{said}</p>
      <input aria-label="a name" />
      <input type="search" aria-label="a search" />
      {said === "help" && <Help onClose={() => say("nothing")} />}
    </main>
  );
}

const elsewhere = {
  "/bots": () => <p>all bots</p>,
  "/bots/bot_1/knowledge": () => <p>knowledge</p>,
};

function start(at = "/") {
  server.use(http.get("*/api/v1/me", () => HttpResponse.json(me)));
  show(Screen, { at, elsewhere, token: "a-token" });
}

test("Ctrl and K opens the palette, also from within a field", async () => {
  start();
  await userEvent.type(screen.getByLabelText("a name"), "{Control>}k{/Control}");
  expect(screen.getByText("palette")).toBeVisible();
});

test("g and a second key go to a place: what is a bot's, to the one in use", async () => {
  start("/bots/bot_1");
  await userEvent.keyboard("gk");
  expect(await screen.findByText("knowledge")).toBeVisible();
});

test("a slash goes to the screen's search, and is not typed into it", async () => {
  start();
  await userEvent.keyboard("/");
  expect(screen.getByLabelText("a search")).toHaveFocus();
  expect(screen.getByLabelText("a search")).toHaveValue("");
});

test("no letter fires while somebody types", async () => {
  start();
  await userEvent.type(screen.getByLabelText("a name"), "gb?/");
  expect(screen.getByLabelText("a name")).toHaveValue("gb?/");
  expect(screen.getByText("nothing")).toBeVisible();
});

test("a key with Ctrl is the browser's", async () => {
  start();
  await userEvent.keyboard("{Control>}gb{/Control}");
  expect(screen.getByText("nothing")).toBeVisible();
});

test("they can be switched off, and stay off", async () => {
  start();
  await userEvent.keyboard("?");
  await userEvent.click(await screen.findByRole("checkbox", { name: /Use keyboard shortcuts/ }));
  await userEvent.keyboard("{Escape}");
  await userEvent.keyboard("gb");
  expect(screen.getByText("nothing")).toBeVisible();
  expect(localStorage.getItem("chatsphere-shortcuts")).toBe("off");
});
