/** Whose access token it is. It is read to tell one person from another, never to trust it. */
export function subjectOf(token: string | null): string | null {
  try {
    const payload = (token?.split(".")[1] ?? "").replace(/-/g, "+").replace(/_/g, "/");
    const { sub } = JSON.parse(atob(payload)) as { sub?: string };
    return sub ?? null;
  } catch {
    return null;
  }
}
