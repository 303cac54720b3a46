import { useCallback, useEffect, useRef, useState } from "react";
import { useNavigate } from "react-router";
import { type Document, api as generated, useCreateBotMutation } from "@/shared/api/inside";
import { paths } from "@/shared/paths";

const LOOK_AGAIN_MS = 500;

const { useSendFileMutation } = generated.injectEndpoints({
  endpoints: (build) => ({
    sendFile: build.mutation<Document | Document[], { botId: string; file: File }>({
      query: ({ botId, file }) => {
        const body = new FormData();
        body.append("file", file, file.name);
        return { url: `/api/v1/bots/${botId}/documents`, method: "POST", body };
      },
      invalidatesTags: ["Documents", "Plans and usage"],
    }),
  }),
});

/** What a first bot is made of. */
export interface Start {
  botName: string;
  file: File;
  /** Asked by one click in the playground; without one, its composer waits. */
  question?: string;
}

export const STAGES = ["bot", "file", "reading"] as const;
export type Stage = (typeof STAGES)[number];

export interface Way {
  start: Start;
  stage: Stage;
  document: Document | null;
  /** What the API refused, or the document's own failure. */
  error: unknown;
}

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

class Stopped extends Error {
  readonly error: unknown;

  constructor(error: unknown) {
    super("stopped");
    this.error = error;
  }
}

/** What a trigger gives, or the end of the way. */
async function got<T>(outcome: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await outcome;
  if (error || data === undefined) throw new Stopped(error);
  return data;
}

function useSteps() {
  const [create] = useCreateBotMutation();
  const [send] = useSendFileMutation();
  const [look] = generated.useLazyGetDocumentQuery();
  const bot = useRef<string | null>(null); // made once, however often the rest is tried

  return useCallback(
    async ({ botName, file }: Start, tell: (stage: Stage, document?: Document) => void) => {
      tell("bot");
      bot.current ??= (await got(create({ botCreate: { name: botName } }))).id;
      const botId = bot.current;
      tell("file");
      let document = [await got(send({ botId, file }))].flat()[0];
      while (document && document.status !== "ready") {
        if (document.status === "failed") throw new Stopped({ data: document.error });
        tell("reading", document);
        await wait(LOOK_AGAIN_MS);
        document = await got(look({ documentId: document.id }));
      }
      return botId;
    },
    [create, send, look],
  );
}

/** From nothing to a playground that can answer: a bot, its first document, and waiting until it is read. */
export function useFirstAnswer() {
  const navigate = useNavigate();
  const steps = useSteps();
  const [way, setWay] = useState<Way | null>(null);
  const isHere = useRef(true);
  useEffect(() => {
    isHere.current = true;
    return () => {
      isHere.current = false;
    };
  }, []);

  const begin = useCallback(
    async (start: Start) => {
      const tell = (stage: Stage, document: Document | null = null) =>
        setWay({ start, stage, document, error: null });
      try {
        const botId = await steps(start, tell);
        // Whoever went elsewhere meanwhile is not taken away from there.
        if (isHere.current) void navigate(paths.ask(botId, start.question));
      } catch (stopped) {
        if (!(stopped instanceof Stopped)) throw stopped;
        setWay((was) => was && { ...was, error: stopped.error ?? {} });
      }
    },
    [steps, navigate],
  );
  return { way, begin };
}
