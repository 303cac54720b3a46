import type { Citation, Conversation, Message } from "@/shared/api/inside";
import { fileNameOf, jsonOf, markdownOf } from "./export";

const words = {
  question: "Question",
  answer: "Answer",
  sources: "Sources",
  page: (page: number) => `page ${page}`,
};
const conversation = { id: "conv_1", title: "How long?\nReally?" } as Conversation;
const messages = [
  { role: "user", content: "How long?", citations: [], created_at: "2026-11-23T10:00:00Z" },
  {
    role: "assistant",
    content: "Three years. [1]",
    created_at: "2026-11-23T10:00:01Z",
    citations: [{ index: 1, title: "Warranty", page: 4, quote: "three\nyears" } as Citation],
  },
] as unknown as Message[];

test("a conversation is written as questions and answers with their sources", () => {
  expect(markdownOf(conversation, messages, words)).toBe(
    [
      "# How long? Really?",
      "## Question · 2026-11-23T10:00:00Z",
      "How long?",
      "## Answer · 2026-11-23T10:00:01Z",
      "Three years. [1]",
      "**Sources**",
      "- [1] Warranty, page 4: “three years”\n",
    ].join("\n\n"),
  );
});

test("the JSON is what the API gave", () => {
  expect(JSON.parse(jsonOf(conversation, messages))).toEqual({ conversation, messages });
});

test("a file's name holds letters and numbers only, and falls back to the id", () => {
  expect(fileNameOf(conversation, "md")).toBe("How-long-Really.md");
  expect(fileNameOf({ ...conversation, title: "?/.." }, "json")).toBe("conv_1.json");
});
