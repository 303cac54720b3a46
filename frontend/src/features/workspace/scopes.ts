import type { ApiKey } from "@/shared/api/inside";

export type Scope = ApiKey["scopes"][number];

/** In the order in which one thinks of them: ask, see, change, watch. */
export const SCOPES: readonly Scope[] = [
  "chat",
  "bots:read",
  "bots:write",
  "documents:read",
  "documents:write",
  "usage:read",
  "audit:read",
];

/** `bots:read` is `scope_bots_read` in the texts. */
export const textKeyOf = (scope: Scope) =>
  `scope_${scope.replace(":", "_") as "chat" | "bots_read"}` as const;

// A request that a key with the scope may send; the bot's id is to be filled in.
const ASKED: Record<Scope, { path: string; body?: string }> = {
  chat: { path: "/bots/BOT_ID/chat", body: `{"message": "What do you know?"}` },
  "bots:read": { path: "/bots" },
  "bots:write": { path: "/bots", body: `{"name": "Support"}` },
  "documents:read": { path: "/bots/BOT_ID/documents" },
  "documents:write": { path: "/bots/BOT_ID/documents", body: `{"url": "https://example.com/"}` },
  "usage:read": { path: "/usage" },
  "audit:read": { path: "/audit_events" },
};

/** A first request by the key. The key itself is a variable: what is typed stays in shells' histories. */
export function curlOf(origin: string, scopes: readonly Scope[]): string {
  const scope = SCOPES.find((one) => scopes.includes(one)) ?? "bots:read";
  const { path, body } = ASKED[scope];
  const lines = [
    `curl ${origin}/api/v1${path}`,
    `-H "Authorization: Bearer $CHATSPHERE_API_KEY"`,
    ...(body ? [`-H "Content-Type: application/json"`, `-d '${body}'`] : []),
  ];
  return lines.join(" \\\n  ");
}
