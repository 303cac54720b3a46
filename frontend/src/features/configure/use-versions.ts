import { useMemo } from "react";
import { useAllVersionsQuery } from "@/shared/api/all-versions";
import {
  type Bot,
  type BotVersion,
  useConfigSchemaQuery,
  useGetBotQuery,
} from "@/shared/api/inside";
import { type Setting, settingsOf } from "./schema";
import { type Change, changesOf, valuesOf } from "./values";

/** A version by its number, or what is edited now. */
export type Side = number | "draft";

export interface History {
  bot: Bot;
  versions: readonly BotVersion[];
  settings: readonly Setting[];
}

/** The draft, the versions and the words for what they hold; undefined until all are there. */
export function useHistory(botId: string) {
  const bot = useGetBotQuery({ botId });
  const versions = useAllVersionsQuery(botId);
  const schema = useConfigSchemaQuery();
  const parts = [bot, versions, schema];
  const history = useMemo<History | undefined>(() => {
    if (!bot.currentData || !versions.currentData || !schema.data) return undefined;
    return {
      bot: bot.currentData,
      versions: versions.currentData,
      settings: settingsOf(schema.data),
    };
  }, [bot.currentData, versions.currentData, schema.data]);
  return {
    history,
    error: parts.find(({ error }) => error)?.error,
    isFetching: parts.some(({ isFetching }) => isFetching),
    refetch: () => {
      for (const part of parts) if (part.error) void part.refetch();
    },
  };
}

/** What stands in an address; undefined where there is no such version. */
export function sideOf({ versions }: History, text: string | null): Side | undefined {
  if (text === "draft") return "draft";
  const number = Number(text);
  return versions.some((version) => version.number === number) ? number : undefined;
}

export function configurationOf({ bot, versions }: History, side: Side): Bot["configuration"] {
  if (side === "draft") return bot.configuration;
  return versions.find(({ number }) => number === side)?.configuration ?? {};
}

export function changesBetween(history: History, from: Side, to: Side): Change[] {
  const of = (side: Side) => valuesOf({ configuration: configurationOf(history, side) });
  return changesOf(history.settings, of(from), of(to));
}

/** What a version is compared with at first: the one before it, or what is served now. */
export function before({ bot, versions }: History, side: Side): Side {
  if (side === "draft") return bot.published_version ?? versions[0]?.number ?? "draft";
  const older = versions.find(({ number }) => number < side);
  return older?.number ?? "draft";
}
