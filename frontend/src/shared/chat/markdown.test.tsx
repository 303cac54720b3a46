import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { Citation } from "@/shared/api/inside";
import { sampleMessage } from "@/test/message";
import { blocksOf } from "./blocks";
import { Markdown } from "./markdown";
import { MessageView } from "./message-view";

const CORPUS = [
  "<script>window.hacked = 1</script>",
  "<img src=x onerror='window.hacked = 1'>",
  "<svg onload='window.hacked = 1'><a xlink:href='javascript:1'>x</a></svg>",
  "<iframe src='javascript:window.hacked = 1'></iframe>",
  "<a href='javascript:window.hacked = 1'>x</a>",
  "<style>* { display: none }</style>",
  "<math><mi xlink:href='data:x,<script>1</script>'></mi></math>",
  "[x](javascript:window.hacked=1)",
  "[x](JaVaScRiPt:window.hacked=1)",
  "[x](java\nscript:window.hacked=1)",
  "[x](&#106;avascript:window.hacked=1)",
  "[x](data:text/html;base64,PHNjcmlwdD4=)",
  "[x](vbscript:msgbox)",
  "[x](//evil.example)",
  "[x](/bots)",
  "[x][1]\n\n[1]: javascript:window.hacked=1",
  "<javascript:window.hacked=1>",
  "![x](https://evil.example/pixel.png)",
  "![x](javascript:window.hacked=1)",
  "[![x](https://evil.example/pixel.png)](javascript:1)",
  "<form action='https://evil.example'><input name=a></form>",
  "<div style='position:fixed;inset:0' class='fixed inset-0'>x</div>",
  "```html\n<script>window.hacked = 1</script>\n```",
];

test.each(CORPUS)("nothing of %j runs, is fetched, or leads to where it should not", (text) => {
  const { container } = render(<Markdown text={text} />);
  expect(container.querySelector("script, iframe, img, style, form, input, svg a")).toBeNull();
  for (const element of container.querySelectorAll("*")) {
    for (const { name } of element.attributes) expect(name).not.toMatch(/^(on|style|src|action)/);
  }
  for (const link of container.querySelectorAll("a")) {
    expect(link.getAttribute("href")).toMatch(/^(https?:\/\/|mailto:)/);
    expect(link.rel).toContain("noopener");
  }
  expect("hacked" in window).toBe(false);
});

test("raw HTML is shown as it was written", () => {
  render(<Markdown text={"Use `<b>` or <b>this</b>."} />);
  expect(screen.getByText(/or <b>this<\/b>\./)).toBeVisible();
});

test("a link on the web stays one", () => {
  render(<Markdown text="[docs](https://example.com/a) and me@example.com" />);
  expect(screen.getByRole("link", { name: "docs" })).toHaveAttribute("rel", "noopener noreferrer");
  expect(screen.getByRole("link", { name: "me@example.com" })).toHaveAttribute(
    "href",
    "mailto:me@example.com",
  );
});

test("a text is cut where its blocks end, and never within code or a list", () => {
  const code = "```py\na = 1\n\nb = 2\n```";
  const list = "1. one\n\n2. two\n\n   more of two";
  expect(blocksOf(`# A\n\n${code}\n\n${list}\n\nEnd\nof it`)).toEqual([
    "# A",
    code,
    list,
    "End\nof it",
  ]);
  expect(blocksOf("```\nstill\n\nopen")).toEqual(["```\nstill\n\nopen"]);
  expect(blocksOf("See [a].\n\n[a]: https://example.com")).toHaveLength(1);
  expect(blocksOf("\n\n")).toEqual([]);
});

const citation = (index: number, more: Partial<Citation> = {}): Citation => ({
  index,
  document_id: `doc_${index}`,
  title: "Price list",
  revision: 1,
  chunk_id: `chunk_${index}`,
  start: 0,
  end: 5,
  page: 3,
  quote: "It costs 5 euros.",
  verified: true,
  ...more,
});

test("a number with a source is a chip that opens it; one without stays what it was", async () => {
  const open = vi.fn();
  const two = citation(2);
  const content = "It costs 5 euros [2]. See `a[2]` and [7].";
  render(
    <MessageView message={sampleMessage({ content, citations: [two] })} onOpenCitation={open} />,
  );
  expect(screen.getAllByRole("button", { name: "Source 2: Price list, page 3" })).toHaveLength(1);
  expect(screen.getByText("a[2]")).toBeVisible();
  expect(screen.getByText("[7]")).toBeVisible();
  await userEvent.click(screen.getByRole("button", { name: "Source 2: Price list, page 3" }));
  expect(open).toHaveBeenCalledExactlyOnceWith(two);
});

test("the quote behind a chip is shown when it has the focus", async () => {
  const message = sampleMessage({
    content: "Five [1].",
    citations: [citation(1, { verified: false })],
  });
  render(<MessageView message={message} />);
  await userEvent.tab();
  expect(await screen.findByRole("tooltip")).toHaveTextContent("It costs 5 euros.");
  expect(screen.getByRole("tooltip")).toHaveTextContent("not verified");
});

test("an answer that failed says why, one that a fallback gave says which did not answer", () => {
  const { rerender } = render(
    <MessageView
      message={sampleMessage({
        status: "failed",
        error: { code: "x", detail: "The model is down." },
      })}
    />,
  );
  expect(screen.getByRole("alert")).toHaveTextContent("The model is down.");
  const fallbacks = [{ model: "openai/a", code: "timeout" }];
  rerender(
    <MessageView message={sampleMessage({ content: "Yes.", model: "gemini-b", fallbacks })} />,
  );
  expect(screen.getByText(/Answered by gemini-b/)).toHaveTextContent(
    "openai/a did not answer (timeout)",
  );
});
