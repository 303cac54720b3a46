import type { Problem } from "./inside";

/** What RTK Query gives where the API refused (RFC 9457); undefined where nobody answered. */
export function problemOf(error: unknown): Problem | undefined {
  if (typeof error !== "object" || error === null || !("data" in error)) return undefined;
  const { data } = error;
  const isProblem = typeof data === "object" && data !== null && "code" in data;
  return isProblem ? (data as Problem) : undefined;
}

/** The fields a 422 names, with what is wrong with each. */
export function fieldErrors(problem: Problem | undefined): Record<string, string> {
  const entries = (problem?.errors ?? []).map(({ pointer, detail }) => [
    pointer.split("/").pop() ?? "",
    detail,
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}
