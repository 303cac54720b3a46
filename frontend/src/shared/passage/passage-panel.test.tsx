import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { useState } from "react";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { PassagePanel } from "./passage-panel";

const passage = { documentId: "doc_1", revision: 2, start: 3, end: 15 };

const document = (more: object) => ({ id: "doc_1", bot_id: "bot_1", revision: 2, ...more });

function Screen() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Citation 1
      </button>
      {isOpen && <PassagePanel passage={passage} onClose={() => setOpen(false)} />}
    </>
  );
}

const isWide = (matches: boolean) =>
  vi.spyOn(window, "matchMedia").mockReturnValue({
    matches,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  } as unknown as MediaQueryList);

function serve() {
  const asked: (string | null)[] = [];
  server.use(
    http.get("*/api/v1/documents/doc_1", () => HttpResponse.json(document({ title: "Terms" }))),
    http.get("*/api/v1/documents/doc_1/text", ({ request }) => {
      asked.push(new URL(request.url).searchParams.get("revision"));
      return HttpResponse.text("😀😀 The warranty is two years.");
    }),
  );
  return asked;
}

const open = async () => {
  show(Screen);
  await userEvent.click(screen.getByRole("button", { name: "Citation 1" }));
};

test("the passage is marked in the text of the revision that was cited", async () => {
  const asked = serve();
  await open();
  expect(await screen.findByText("The warranty")).toHaveRole("mark");
  expect(asked).toEqual(["2"]);
  expect(await screen.findByRole("dialog", { name: "Terms" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Open the document" })).toHaveAttribute(
    "href",
    "/bots/bot_1/knowledge/doc_1?start=3&end=15&revision=2",
  );
});

test.each([
  ["beside the content", true],
  ["in a sheet", false],
])("%s, Esc closes it and the focus goes back to what opened it", async (_, wide) => {
  isWide(wide);
  serve();
  await open();
  await screen.findByText("The warranty");
  expect(screen.getByText("Citation 1")).not.toHaveFocus();
  await userEvent.keyboard("{Escape}");
  expect(screen.queryByText("The warranty")).not.toBeInTheDocument();
  await vi.waitFor(() => expect(screen.getByRole("button", { name: "Citation 1" })).toHaveFocus());
});

test("a deleted document is told as such", async () => {
  server.use(
    http.get("*/api/v1/documents/doc_1", () => problem(404, "not_found")),
    http.get("*/api/v1/documents/doc_1/text", () => problem(404, "not_found")),
  );
  await open();
  expect(await screen.findByText("This document was deleted")).toBeVisible();
});

test("a text that could not be had is asked for again", async () => {
  serve();
  server.use(
    http.get("*/api/v1/documents/doc_1/text", () => problem(503, "unavailable"), { once: true }),
  );
  await open();
  await userEvent.click(await screen.findByRole("button", { name: "Try again" }));
  expect(await screen.findByText("The warranty")).toBeVisible();
});
