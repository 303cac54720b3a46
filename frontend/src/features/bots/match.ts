import type { Bot } from "@/shared/api/inside";

/** The bots with every word of the query in their name or description. */
export function matching(bots: readonly Bot[], query: string): Bot[] {
  const words = query.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return bots.filter(({ name, description }) => {
    const text = `${name} ${description}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}
