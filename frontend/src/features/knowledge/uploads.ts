import { useCallback, useSyncExternalStore } from "react";
import { useStore } from "react-redux";
import { api, type Document } from "@/shared/api/inside";
import { newKey } from "@/shared/new-key";
import { type KnowledgeStore, putDocument } from "./documents-api";
import type { Refusal } from "./refusal";
import { type Answer, sendFile } from "./send-file";

export interface Upload {
  id: string;
  botId: string;
  name: string;
  bytes: number;
  sent: number;
  /** `known`: the bot has these bytes already. */
  state: "waiting" | "sending" | "done" | "known" | "refused";
  documentId?: string;
  /** Why it was refused: before it was sent, or by whom it was sent to. */
  refusal?: Refusal;
  answer?: Answer;
}

interface Job {
  upload: Upload;
  file: File;
  store: KnowledgeStore;
  abort: AbortController;
}

const AT_ONCE = 3;
const TRIES = 6;
const NONE: readonly Upload[] = [];

// They go on while one looks at another screen, so they are nobody's but the tab's.
let uploads: readonly Upload[] = NONE;
const listeners = new Set<() => void>();
const queue: Job[] = [];
const running = new Set<Job>();

function change(next: readonly Upload[]): void {
  uploads = next;
  for (const listener of listeners) listener();
}

const patch = (id: string, more: Partial<Upload>) =>
  change(uploads.map((one) => (one.id === id ? { ...one, ...more } : one)));

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms));

async function send({ upload, file, store, abort }: Job): Promise<Answer> {
  const url = `/api/v1/bots/${upload.botId}/documents`;
  const onProgress = (sent: number) => patch(upload.id, { sent });
  for (let tries = 1; ; tries++) {
    const sending = { method: "POST", url, file, key: upload.id, signal: abort.signal } as const;
    const answer = await sendFile(store, { ...sending, onProgress });
    if (answer.status !== 429 || tries === TRIES) return answer;
    await wait(answer.retryAfterMs);
    abort.signal.throwIfAborted();
  }
}

function settle({ upload, store }: Job, answer: Answer): void {
  if (answer.status !== 200 && answer.status !== 202) {
    patch(upload.id, { state: "refused", answer });
    return;
  }
  const document = answer.data as Document;
  patch(upload.id, {
    state: answer.status === 200 ? "known" : "done",
    documentId: document.id,
    sent: upload.bytes,
  });
  putDocument(store, document);
}

async function run(job: Job): Promise<void> {
  running.add(job);
  patch(job.upload.id, { state: "sending" });
  try {
    settle(job, await send(job));
  } catch {
    // It was cancelled, and is not shown any more.
  }
  running.delete(job);
  next();
  // What counts documents elsewhere is asked for anew, once for all of them.
  if (running.size === 0) job.store.dispatch(api.util.invalidateTags(["Documents"]));
}

function next(): void {
  while (running.size < AT_ONCE) {
    const job = queue.shift();
    if (!job) return;
    void run(job);
  }
}

type Check = (file: File) => Refusal | null;

function add(store: KnowledgeStore, botId: string, files: readonly File[], check: Check): void {
  const jobs = files.map((file) => {
    const refusal = check(file) ?? undefined;
    const state = refusal ? ("refused" as const) : ("waiting" as const);
    const id = newKey();
    const upload: Upload = {
      id,
      botId,
      name: file.name,
      bytes: file.size,
      sent: 0,
      state,
      refusal,
    };
    return { upload, file, store, abort: new AbortController() };
  });
  change([...uploads, ...jobs.map(({ upload }) => upload)]);
  queue.push(...jobs.filter(({ upload }) => upload.state === "waiting"));
  next();
}

export function cancelUpload(id: string): void {
  const at = queue.findIndex(({ upload }) => upload.id === id);
  if (at !== -1) queue.splice(at, 1);
  for (const job of running) if (job.upload.id === id) job.abort.abort();
  change(uploads.filter((one) => one.id !== id));
}

const isOver = ({ state }: Upload) => state !== "waiting" && state !== "sending";

/** Forget what is over. */
export const clearUploads = (): void => change(uploads.filter((one) => !isOver(one)));

// A tab that is closed would lose what it has not sent.
window.addEventListener("beforeunload", (event) => {
  if (!uploads.every(isOver)) event.preventDefault();
});

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function useUploads(botId: string) {
  const store = useStore();
  const all = useSyncExternalStore(subscribe, () => uploads);
  const upload = useCallback(
    (files: readonly File[], check: Check) => add(store, botId, files, check),
    [store, botId],
  );
  return { uploads: all.filter((one) => one.botId === botId), upload };
}
