import { cleanup, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { HttpResponse, http } from "msw";
import type { Hit, Search } from "@/shared/api/inside";
import { problem, server } from "@/test/server";
import { show } from "@/test/show";
import { RetrievalLab } from "./retrieval-lab";

const hit = (chunk_id: string, title: string, more: Partial<Hit> = {}): Hit => ({
  chunk_id,
  document_id: `doc_${chunk_id}`,
  title,
  revision: 1,
  text: "The warranty is three years.",
  start: 0,
  end: 28,
  page: 4,
  heading_path: [title, "Terms"],
  score: 2,
  scores: { vector: 0.64, keyword: null, rerank: null },
  ...more,
});

const found = (...data: Hit[]) =>
  HttpResponse.json({ data, degraded: false, timings: { total_ms: 12.4, keyword_ms: 1.5 } });

let asked: Search[] = [];

function answer(respond: (search: Search) => Response, documents = 1) {
  asked = [];
  server.use(
    http.get("*/bots/b/documents", () =>
      HttpResponse.json({ data: Array(documents).fill({}), next_cursor: null, has_more: false }),
    ),
    http.get("*/bots/b", () =>
      HttpResponse.json({ configuration: { retriever_k: 5, retrieval_mode: "hybrid" } }),
    ),
    http.get("*/me", () => HttpResponse.json({ user: { id: "usr_1" }, workspaces: [] })),
    http.get("*/documents/:id", ({ params }) =>
      HttpResponse.json({ id: params.id, title: "Terms", bot_id: "b", revision: 1 }),
    ),
    http.get("*/documents/:id/text", () => HttpResponse.text("The warranty is three years.")),
    http.post("*/bots/b/search", async ({ request }) => {
      const search = (await request.json()) as Search;
      asked.push(search);
      return respond(search);
    }),
  );
}

const open = (search = "") =>
  show(RetrievalLab, { at: `/bots/b/retrieval${search}`, path: "/bots/:botId/retrieval" });
const column = (name: string) => screen.findByRole("region", { name });

test("Enter searches in all three ways, and the question stands in the address", async () => {
  answer(() => found(hit("a", "Warranty")));
  const { router } = open();
  await userEvent.type(screen.getByLabelText("Question"), "why{Enter}");
  expect(await screen.findAllByRole("link", { name: "Warranty" })).toHaveLength(3);
  expect(asked.map(({ mode }) => mode).sort()).toEqual(["hybrid", "keyword", "vector"]);
  expect(new URLSearchParams(router.state.location.search).get("q")).toBe("why");
});

test("Ctrl+Enter searches too, and Shift+Enter only begins a line", async () => {
  answer(() => found(hit("a", "Warranty")));
  open();
  await userEvent.type(screen.getByLabelText("Question"), "One{Shift>}{Enter}{/Shift}two");
  expect(asked).toHaveLength(0);
  await userEvent.keyboard("{Control>}{Enter}{/Control}");
  await screen.findAllByRole("link", { name: "Warranty" });
  expect(asked[0]?.query).toBe("One\ntwo");
});

test("what the address says is searched for, in the document and as often as it says", async () => {
  answer(() => found(hit("a", "Warranty")));
  open("?q=warranty&k=20&document=doc_1");
  await screen.findAllByRole("link", { name: "Warranty" });
  expect(asked[0]).toMatchObject({
    query: "warranty",
    k: 20,
    filter: { document_ids: ["doc_1"] },
  });
  expect(await screen.findByText("Only in “Terms”")).toBeVisible();
});

test("a passage tells its rank elsewhere, is marked, and is lit in every column at once", async () => {
  const [one, two] = [hit("a", "Warranty"), hit("b", "Returns")];
  answer(({ mode }) =>
    mode === "vector" ? found(two, one) : mode === "keyword" ? found() : found(one, two),
  );
  open("?q=warranty");
  const hybrid = within(await column("Hybrid"));
  const card = (await hybrid.findByRole("link", { name: "Warranty" })).closest("li");
  expect(card).toHaveTextContent("Vector: rank 2");
  expect(card).toHaveTextContent("Keyword: not in its list");
  expect(card?.querySelector("mark")).toHaveTextContent("warranty");
  expect(card).toHaveTextContent("Terms · Page 4");
  await userEvent.hover(card as HTMLElement);
  const lit = [...document.querySelectorAll("[data-pointed-at]")];
  expect(lit.map((li) => within(li as HTMLElement).getByRole("link").textContent)).toEqual([
    "Warranty",
    "Warranty",
  ]);
});

test("a passage opens beside, by its address", async () => {
  answer(() => found(hit("a", "Warranty")));
  const { router } = open("?q=warranty");
  const hybrid = within(await column("Hybrid"));
  await userEvent.click(await hybrid.findByRole("link", { name: "Warranty" }));
  expect(router.state.location.search).toContain("passage=a");
  expect(await screen.findByRole("heading", { level: 2, name: "Warranty" })).toBeVisible();
});

test("one way that fails leaves the others", async () => {
  answer(({ mode }) =>
    mode === "vector" ? problem(503, "dependency_unavailable") : found(hit("a", "Warranty")),
  );
  open("?q=warranty");
  const vector = within(await column("Vector"));
  expect(await vector.findByRole("alert")).toHaveTextContent("dependency_unavailable");
  const keyword = within(await column("Keyword"));
  expect(await keyword.findByRole("link", { name: "Warranty" })).toBeVisible();
});

test("nothing found, nothing to search in and a failure are told apart", async () => {
  answer(() => found());
  open("?q=xylophone");
  expect(await screen.findByText("No passage fits “xylophone”")).toBeVisible();
  expect(screen.getByRole("link", { name: "Look at the documents" })).toHaveAttribute(
    "href",
    "/bots/b/knowledge",
  );
  cleanup();

  answer(() => problem(503, "dependency_unavailable"));
  open("?q=xylophone");
  expect(await screen.findByText("The search did not work")).toBeVisible();
  cleanup();

  answer(() => found(), 0);
  open();
  expect(await screen.findByText("Nothing to search in yet")).toBeVisible();
});

test("the last questions are at hand", async () => {
  answer(() => found(hit("a", "Warranty")));
  const { router } = open("?q=first");
  await screen.findAllByRole("link", { name: "Warranty" });
  const field = screen.getByLabelText("Question");
  await userEvent.clear(field);
  await userEvent.type(field, "second{Enter}");
  await userEvent.click(await screen.findByRole("button", { name: "Your last questions" }));
  await userEvent.click(await screen.findByRole("menuitem", { name: "first" }));
  expect(new URLSearchParams(router.state.location.search).get("q")).toBe("first");
});
