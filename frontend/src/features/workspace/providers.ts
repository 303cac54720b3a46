import type { ProviderCredentials } from "@/shared/api/inside";

/** As they write themselves; one that an installation added keeps the name of its adapter. */
const NAMES: Record<string, string> = {
  anthropic: "Anthropic",
  gemini: "Google Gemini",
  openai: "OpenAI",
};

export const nameOf = (provider: string): string => NAMES[provider] ?? provider;

/** Those that take a key of a workspace's own. */
export function useProviders(given: readonly ProviderCredentials[]): string[] {
  const known = [...Object.keys(NAMES), ...given.map(({ provider }) => provider)];
  return [...new Set(known)].sort((a, b) => nameOf(a).localeCompare(nameOf(b)));
}
