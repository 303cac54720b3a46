import type { Bot, BotVersion } from "@/shared/api/inside";
import { same } from "@/shared/same";

/** What others are served: nothing yet, a version, or a version that the draft has moved on from. */
export type Publication =
  | { kind: "draft" }
  | { kind: "published"; version: number }
  | { kind: "changed"; version: number };

export function publicationOf(bot: Bot, versions: readonly BotVersion[]): Publication {
  const version = bot.published_version;
  if (version === null) return { kind: "draft" };
  const served = versions.find(({ number }) => number === version);
  const isChanged = served && !same(served.configuration, bot.configuration);
  return { kind: isChanged ? "changed" : "published", version };
}
