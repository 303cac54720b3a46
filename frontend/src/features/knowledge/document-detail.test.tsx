import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { Toasts } from "@/app/toasts";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { DocumentDetail } from "./document-detail";

vi.setConfig({ testTimeout: 20_000 }); // whole screens, on machines that do more besides

const text = "😀 Prices\nThe price is 10.\nReturns\nA PRICE is paid back. No price, no return.";
const at = (words: string) => {
  const start = Array.from(text.slice(0, text.indexOf(words))).length;
  return { start, end: start + Array.from(words).length };
};
const first = at("😀 Prices\nThe price is 10.");
const second = at("Returns\nA PRICE is paid back. No price, no return.");
const chunk = { document_id: "doc_1", enabled: true, heading_path: [], page: null };
const chunks = [
  { ...chunk, id: "chk_0", index: 0, text: "", ...first },
  { ...chunk, id: "chk_1", index: 1, text: "", ...second, heading_path: ["Returns"], page: 2 },
];
const document = {
  id: "doc_1",
  bot_id: "bot_1",
  title: "Terms",
  filename: "terms.pdf",
  bytes: 1000,
  status: "ready",
  progress: { stage: "done", done: 0, total: 0 },
  error: null,
  revision: 2,
  source_url: null,
  metadata: { department: "Support" },
  created_at: "2026-11-23T10:00:00Z",
  updated_at: "2026-11-23T10:00:00Z",
};

/** On a desktop; jsdom lays nothing out, and a text of no height shows no lines. */
function start(query = "", more: object = {}, role = "editor") {
  vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(600);
  vi.spyOn(Element.prototype, "clientWidth", "get").mockReturnValue(600);
  Element.prototype.scrollIntoView = () => undefined;
  vi.spyOn(window, "matchMedia").mockReturnValue({
    matches: true,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  } as unknown as MediaQueryList);
  const asked: string[] = [];
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({ user: {}, workspaces: [{ id: "ws_1", name: "Acme", role }] }),
    ),
    http.get("*/api/v1/documents/doc_1", () => HttpResponse.json({ ...document, ...more })),
    http.get("*/api/v1/documents/doc_1/text", ({ request }) => {
      asked.push(`text of ${new URL(request.url).searchParams.get("revision")}`);
      return HttpResponse.text(text);
    }),
    http.get("*/api/v1/documents/doc_1/chunks", () => {
      asked.push("chunks");
      return HttpResponse.json({ data: chunks, has_more: false, next_cursor: null });
    }),
    http.get("*/api/v1/documents/doc_1/diagnosis", () =>
      HttpResponse.json({ reasons: [{ code: "no_text_layer", detail: "This is a scan." }] }),
    ),
  );
  const Screen = () => (
    <>
      <Toasts />
      <DocumentDetail />
    </>
  );
  const address = `/bots/bot_1/knowledge/doc_1${query}`;
  show(Screen, { at: address, path: "/bots/:botId/knowledge/:documentId", token: "t" });
  return asked;
}

test("the passage that the address names is marked, counted as the API counts", async () => {
  const { start: from, end } = at("The price is 10.");
  start(`?start=${from}&end=${end}&revision=2`);
  expect(await screen.findByText("The price is 10.")).toHaveRole("mark");
});

test("an older revision is shown as such, without the chunks of the current one", async () => {
  const asked = start("?start=0&end=3&revision=1");
  expect(await screen.findByText(/This is the text of revision 1/)).toBeVisible();
  expect(asked).not.toContain("text of 2");
  await userEvent.click(screen.getByRole("link", { name: "Show the current text" }));
  expect(await screen.findByText("2 chunks")).toBeVisible();
});

test("a chunk is chosen in the list or in the text, and shown in both", async () => {
  start();
  const list = within(await screen.findByRole("list", { name: "Chunks" }));
  const item = await list.findByRole("button", { name: /^Chunk 2/ });
  expect(item).toHaveTextContent("Page 2 · 26–76");
  await userEvent.click(item);
  expect(item).toHaveAttribute("aria-pressed", "true");
  const read = within(screen.getByRole("region", { name: "Text" }));
  expect(read.getByText(/^Returns/)).toHaveClass("bg-accent-soft");
  await userEvent.click(read.getByRole("button", { name: "Chunk 1" }));
  expect(list.getByRole("button", { name: /^Chunk 1/ })).toHaveAttribute("aria-pressed", "true");
});

test("a search marks every match, and Enter goes from one to the next", async () => {
  start();
  await userEvent.type(await screen.findByRole("searchbox"), "price");
  expect(await screen.findByText("1 of 4")).toBeVisible();
  await userEvent.keyboard("{Enter}");
  expect(await screen.findByText("2 of 4")).toBeVisible();
  expect(screen.getAllByRole("mark").map(({ textContent }) => textContent)).toEqual([
    "Price",
    "price",
    "PRICE",
    "price",
  ]);
});

test("a failed document says why, and an editor can try again", async () => {
  start("", { status: "failed", revision: 0 });
  expect(await screen.findByText("This is a scan.")).toBeVisible();
  const again = {
    ...document,
    status: "pending",
    progress: { stage: "queued", done: 0, total: 0 },
  };
  server.use(http.post("*/reprocess", () => HttpResponse.json(again, { status: 202 })));
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("“Terms” is read again")).toBeVisible();
});

test("a viewer may take the original, and change nothing", async () => {
  start("", {}, "viewer");
  expect(await screen.findByRole("button", { name: "Download" })).toBeVisible();
  expect(await screen.findByText("department: Support")).toBeVisible();
  expect(screen.queryByRole("button", { name: "Actions for “Terms”" })).toBeNull();
});

test("a document that is not there leads back to the others", async () => {
  start();
  server.use(http.get("*/api/v1/documents/doc_1", () => problem(404, "not_found")));
  expect(await screen.findByText("This document is not there")).toBeVisible();
  expect(screen.getByRole("link", { name: "To the documents" })).toHaveAttribute(
    "href",
    "/bots/bot_1/knowledge",
  );
});
