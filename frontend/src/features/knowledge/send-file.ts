import { requestHeaders } from "@/shared/api/base-api";
import { refreshSession, type WithSession } from "@/shared/session";
import type { KnowledgeStore } from "./documents-api";

export interface Answer {
  /** 0: nobody answered. */
  status: number;
  /** Of an answer that is JSON. */
  data: unknown;
  retryAfterMs: number;
}

interface Sending {
  method: "POST" | "PUT";
  url: string;
  file: File;
  /** A repetition under the same key is done once. */
  key?: string;
  signal?: AbortSignal;
  onProgress?: (sent: number) => void;
}

const RETRY_AFTER_S = 5;

function answerOf(request: XMLHttpRequest): Answer {
  const wait = Number(request.getResponseHeader("Retry-After")) || RETRY_AFTER_S;
  let data: unknown;
  try {
    data = JSON.parse(request.responseText);
  } catch {
    data = undefined; // a proxy's own page
  }
  return { status: request.status, data, retryAfterMs: wait * 1000 };
}

// Not by fetch: it does not tell how much was sent.
function sendOnce(sending: Sending, headers: Record<string, string>): Promise<Answer> {
  const { method, url, file, key, signal, onProgress } = sending;
  const request = new XMLHttpRequest();
  request.open(method, new URL(url, location.origin));
  for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
  if (key) request.setRequestHeader("Idempotency-Key", key);
  request.upload.onprogress = ({ loaded }) => onProgress?.(Math.min(loaded, file.size));
  const form = new FormData();
  form.append("file", file, file.name);
  return new Promise((resolve, reject) => {
    request.onload = () => resolve(answerOf(request));
    request.onerror = () => resolve({ status: 0, data: undefined, retryAfterMs: 0 });
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(form);
  });
}

/** Send a file as the person who is logged in; once more after a refresh where it was refused. */
export async function sendFile(store: KnowledgeStore, sending: Sending): Promise<Answer> {
  const headers = () => requestHeaders(store.getState() as WithSession, sending.url);
  const answer = await sendOnce(sending, headers());
  if (answer.status !== 401) return answer;
  const isRenewed = await refreshSession(store.dispatch).catch(() => false);
  return isRenewed ? sendOnce(sending, headers()) : answer;
}
