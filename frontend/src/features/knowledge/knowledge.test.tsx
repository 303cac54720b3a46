import { fireEvent, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import { Toasts } from "@/app/toasts";
import type { Document } from "@/shared/api/inside";
import { settleDeletions } from "@/shared/undo";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { Knowledge } from "./knowledge";
import { clearUploads } from "./uploads";

vi.setConfig({ testTimeout: 20_000 }); // whole screens, on machines that do more besides

let bot = 0;
beforeEach(() => {
  bot += 1; // what was uploaded or deleted in another test is of another bot
});
afterEach(async () => {
  clearUploads();
  await settleDeletions();
});

const doc = (number: number, more: Partial<Document> = {}): Document => ({
  id: `doc_${bot}_${String(99_999 - number).padStart(5, "0")}`,
  bot_id: `bot_${bot}`,
  title: `Document ${number}`,
  filename: `document-${number}.pdf`,
  media_type: "application/pdf",
  bytes: 1000,
  sha256: "",
  status: "ready",
  progress: { stage: "done", done: 0, total: 0 },
  error: null,
  chunk_count: 3,
  revision: 1,
  source_url: null,
  metadata: {},
  created_at: "2026-11-23T10:00:00Z",
  updated_at: "2026-11-23T10:00:00Z",
  ...more,
});

const pdf = (name: string) => new File(["%PDF"], name, { type: "application/pdf" });
const busy = {
  status: "processing",
  progress: { stage: "embedding", done: 40, total: 120 },
} as const;
const failed = {
  status: "failed",
  error: { code: "password_protected", detail: "This file is protected by a password." },
} as const;

/** A bot with documents, as the API pages them; a person of some role. */
function start(documents: Document[], role = "editor") {
  const state = { documents };
  const limits = { max_upload_bytes: 1500, media_types: [{ suffix: ".pdf", media_type: "" }] };
  server.use(
    http.get("*/api/v1/me", () =>
      HttpResponse.json({ user: {}, workspaces: [{ id: "ws_1", name: "Acme", role }] }),
    ),
    http.get("*/api/v1/instance", () => HttpResponse.json(limits)),
    http.get("*/crawls", () => HttpResponse.json({ data: [], has_more: false, next_cursor: null })),
    http.get("*/api/v1/bots/:bot/documents", ({ request }) => {
      const { searchParams } = new URL(request.url);
      const from = Number(searchParams.get("cursor") ?? 0);
      const q = searchParams.get("q") ?? "";
      const all = state.documents.filter(({ title }) => title.includes(q));
      const data = all.slice(from, from + 100);
      const has_more = from + 100 < all.length;
      return HttpResponse.json({
        data,
        has_more,
        next_cursor: has_more ? String(from + 100) : null,
      });
    }),
  );
  const Screen = () => (
    <>
      <Toasts />
      <Knowledge />
    </>
  );
  show(Screen, { at: `/bots/bot_${bot}/knowledge`, path: "/bots/:botId/knowledge", token: "t" });
  return state;
}

const rowOf = async (title: string) => {
  const name = await screen.findByText(title);
  return within(name.closest("tr") as HTMLElement);
};

function drop(...files: File[]) {
  const dataTransfer = { types: ["Files"], files, items: [] };
  fireEvent.drop(window, { dataTransfer });
}

test("however many documents there are, at most sixty rows are in the page", async () => {
  start(Array.from({ length: 10_000 }, (_, index) => doc(index)));
  await screen.findByText("Document 0");
  expect(screen.getAllByRole("row").length).toBeLessThanOrEqual(60);
});

test("a dropped file is sent, and stands in the list with its stage", async () => {
  const state = start([doc(1)]);
  await screen.findByText("Document 1");
  const added = doc(2, busy);
  server.use(
    http.post("*/api/v1/bots/:bot/documents", () => {
      state.documents = [added, ...state.documents];
      return HttpResponse.json(added, { status: 202 });
    }),
  );
  drop(pdf("rules.pdf"));
  const row = await rowOf("Document 2");
  expect(row.getByText("Indexing")).toBeVisible();
  expect(row.getByText("40 of 120")).toBeVisible();
  expect(screen.getByText("Upload finished")).toBeVisible();
});

test("a file that would be refused is not sent, and it is said why", async () => {
  start([doc(1)]);
  await screen.findByText("Document 1");
  await screen.findByRole("button", { name: "Add files" });
  drop(new File([], "nothing.pdf"), new File(["x".repeat(2000)], "huge.pdf"));
  expect(await screen.findByText("The file is empty.")).toBeVisible();
  expect(screen.getByText(/larger than this installation takes/)).toBeVisible();
});

test("the same file again is told as known, a full plan with what to do", async () => {
  start([doc(1)]);
  await screen.findByText("Document 1");
  server.use(
    http.post("*/api/v1/bots/:bot/documents", () => HttpResponse.json(doc(1)), { once: true }),
  );
  drop(pdf("again.pdf"));
  expect(await screen.findByText("The bot has this file already")).toBeVisible();
  server.use(
    http.post("*/api/v1/bots/:bot/documents", () =>
      problem(403, "quota_exceeded", { limit: "documents" }),
    ),
  );
  drop(pdf("more.pdf"));
  expect(await screen.findByText(/number of documents is used up/)).toBeVisible();
  expect(screen.getByRole("link", { name: "See plan and usage" })).toHaveAttribute(
    "href",
    "/workspace/usage",
  );
});

test("a failed document says why and what to do, and is tried again", async () => {
  start([doc(1, failed)]);
  const row = await rowOf("Document 1");
  expect(row.getByText("This file is protected by a password.")).toBeVisible();
  server.use(
    http.get("*/diagnosis", () =>
      HttpResponse.json({ reasons: [{ code: "what_to_do", detail: "Give it other content." }] }),
    ),
    http.post("*/reprocess", () => HttpResponse.json(doc(1, busy), { status: 202 })),
  );
  await userEvent.click(row.getByRole("button", { name: "Why “Document 1” failed" }));
  expect(await screen.findByText("Give it other content.")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await (await rowOf("Document 1")).findByRole("progressbar")).toBeVisible();
  expect(await screen.findByText("“Document 1” is read again")).toBeVisible();
});

test("what becomes of documents is announced, many in one sentence", async () => {
  const state = start([doc(1, busy), doc(2, busy), doc(3, busy)]);
  await screen.findByText("Document 1");
  state.documents = [doc(1), doc(2), doc(3, failed)];
  const said = "2 documents are ready. “Document 3” failed.";
  expect(await screen.findByText(said, {}, { timeout: 4000 })).toHaveRole("status");
});

test("documents that are selected are deleted together, and can be had back", async () => {
  start([doc(1), doc(2), doc(3)]);
  await userEvent.click(await screen.findByRole("checkbox", { name: "Select “Document 1”" }));
  await userEvent.click(screen.getByRole("checkbox", { name: "Select “Document 3”" }));
  const bar = within(screen.getByRole("region", { name: "Selection" }));
  expect(bar.getByText("2 selected")).toBeVisible();
  await userEvent.click(bar.getByRole("button", { name: "Delete" }));
  expect(screen.getAllByRole("link").map(({ textContent }) => textContent)).toEqual(["Document 2"]);
  (await screen.findByRole("button", { name: "Undo" })).focus();
  await userEvent.keyboard("{Enter}");
  expect(await screen.findByText("Document 3")).toBeVisible();
});

test("a search that finds nothing is not an empty bot", async () => {
  start([doc(1)]);
  await userEvent.type(await screen.findByRole("searchbox"), "zebra");
  expect(await screen.findByText("No document matches")).toBeVisible();
  await userEvent.click(screen.getAllByRole("button", { name: "Clear the search" })[0] as Element);
  expect(await screen.findByText("Document 1")).toBeVisible();
});

test("an empty bot takes the sample", async () => {
  const state = start([]);
  server.use(
    http.post("*/api/v1/bots/:bot/documents", () => {
      state.documents = [doc(1)];
      return HttpResponse.json(doc(1), { status: 202 });
    }),
  );
  await userEvent.click(await screen.findByRole("button", { name: "Take a sample document" }));
  expect(await screen.findByText("Document 1")).toBeVisible();
});

test("a viewer sees the documents, and nothing to change them with", async () => {
  start([doc(1, failed)], "viewer");
  const row = await rowOf("Document 1");
  expect(row.queryByRole("checkbox")).toBeNull();
  expect(screen.queryByRole("button", { name: "Add files" })).toBeNull();
  expect(screen.queryByRole("button", { name: "Actions for “Document 1”" })).toBeNull();
});
