/** An event of a text/event-stream; its data is JSON. */
export interface StreamEvent {
  id: number;
  type: string;
  data: unknown;
}

interface Fields {
  id: number;
  type: string;
  data: string[];
}

const NOTHING: Fields = { id: 0, type: "message", data: [] };

function withLine(fields: Fields, line: string): Fields {
  const [, name, text = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
  if (name === "data") return { ...fields, data: [...fields.data, text] };
  if (name === "event") return { ...fields, type: text };
  if (name === "id" && /^\d+$/.test(text)) return { ...fields, id: Number(text) };
  return fields; // a comment, or a field that we have no use for
}

const eventOf = ({ id, type, data }: Fields): StreamEvent[] =>
  data.length > 0 ? [{ id, type, data: JSON.parse(data.join("\n")) }] : [];

/** Takes text as it comes and gives the events that it completes (WHATWG HTML, 9.2.6). */
export function eventParser(): (text: string) => StreamEvent[] {
  let rest = "";
  let fields = NOTHING;
  return (text) => {
    // A \r at the end may be half of a line's end.
    const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    return lines.flatMap((line) => {
      const isEnd = line === "";
      const events = isEnd ? eventOf(fields) : [];
      fields = isEnd ? NOTHING : withLine(fields, line);
      return events;
    });
  };
}

/** The events of a response's body. One that is silent for too long is cut: the server says something every 15 s. */
export async function* eventsOf(
  body: ReadableStream<Uint8Array>,
  silenceMax = 45_000,
): AsyncGenerator<StreamEvent[]> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const parse = eventParser();
  try {
    for (;;) {
      const timer = setTimeout(() => void reader.cancel(), silenceMax);
      const { done, value } = await reader.read().finally(() => clearTimeout(timer));
      if (done) return;
      const events = parse(decoder.decode(value, { stream: true }));
      if (events.length > 0) yield events;
    }
  } finally {
    void reader.cancel().catch(() => undefined);
  }
}
