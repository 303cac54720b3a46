import {
  type Conversation,
  api as generated,
  type ListOfMessage,
  type Message,
} from "@/shared/api/inside";

const PAGE = 100;

const withAll = generated.injectEndpoints({
  endpoints: (build) => ({
    allMessages: build.query<Message[], string>({
      async queryFn(conversationId, _api, _options, fetch) {
        const messages: Message[] = [];
        for (let cursor: string | null = ""; cursor !== null; ) {
          const { data, error } = await fetch({
            url: `/api/v1/conversations/${conversationId}/messages`,
            params: { limit: PAGE, ...(cursor && { cursor }) },
          });
          if (error) return { error };
          const page = data as ListOfMessage;
          messages.push(...page.data);
          cursor = page.next_cursor;
        }
        return { data: messages };
      },
      keepUnusedDataFor: 0,
    }),
  }),
});

export const { useLazyAllMessagesQuery } = withAll;

/** What the parts of a conversation are called in the language of whoever reads it. */
export interface Words {
  question: string;
  answer: string;
  sources: string;
  page: (page: number) => string;
}

const quoted = (text: string) => text.replace(/\s+/g, " ").trim();

function sourcesOf({ citations }: Message, words: Words): string[] {
  if (citations.length === 0) return [];
  const lines = citations.map(({ index, title, page, quote }) => {
    const place = page === null ? title : `${title}, ${words.page(page)}`;
    return `- [${index}] ${place}: “${quoted(quote)}”`;
  });
  return [`**${words.sources}**`, lines.join("\n")];
}

/** A conversation as a document that people read. */
export function markdownOf(
  conversation: Conversation,
  messages: readonly Message[],
  words: Words,
): string {
  const parts = messages.flatMap((message) => {
    const name = message.role === "user" ? words.question : words.answer;
    return [`## ${name} · ${message.created_at}`, message.content, ...sourcesOf(message, words)];
  });
  return `${[`# ${quoted(conversation.title)}`, ...parts].filter(Boolean).join("\n\n")}\n`;
}

/** The same for programs, as the API gives it. */
export const jsonOf = (conversation: Conversation, messages: readonly Message[]): string =>
  `${JSON.stringify({ conversation, messages }, null, 2)}\n`;

/** A name that every file system takes. */
export function fileNameOf({ title, id }: Conversation, ending: string): string {
  const plain = title
    .normalize("NFC")
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-+|-+$/g, "");
  return `${[...plain].slice(0, 60).join("") || id}.${ending}`;
}

export function download(name: string, text: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url));
}
