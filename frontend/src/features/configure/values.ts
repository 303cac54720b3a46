import type { Bot, BotPatch } from "@/shared/api/inside";
import { same } from "@/shared/same";
import type { Setting } from "./schema";

/** Settings by their pointers. */
export type Values = Readonly<Record<string, unknown>>;

const CONFIGURATION = "/configuration/";

type Described = Pick<Bot, "configuration"> & Partial<Pick<Bot, "name" | "description">>;

/** All settings of a bot; of a version those of its configuration. */
export function valuesOf({ name, description, configuration }: Described): Values {
  const settings = Object.entries(configuration);
  return {
    ...(name !== undefined && { "/name": name, "/description": description }),
    ...Object.fromEntries(settings.map(([key, value]) => [CONFIGURATION + key, value])),
  };
}

/** What to send so that these become so and all others stay. */
export function patchOf(edits: Values): BotPatch {
  const of = (isConfiguration: boolean) =>
    Object.entries(edits)
      .filter(([pointer]) => pointer.startsWith(CONFIGURATION) === isConfiguration)
      .map(([pointer, value]) => [pointer.slice(pointer.lastIndexOf("/") + 1), value]);
  const configuration = Object.fromEntries(of(true)) as Record<string, unknown>;
  const hasConfiguration = Object.keys(configuration).length > 0;
  return { ...Object.fromEntries(of(false)), ...(hasConfiguration && { configuration }) };
}

/** What was typed, without the blanks that nobody meant. */
export function tidied(edits: Values): Values {
  const entries = Object.entries(edits).map(([pointer, value]) => {
    if (typeof value === "string") return [pointer, value.trim()];
    return [pointer, Array.isArray(value) ? value.map((one) => String(one).trim()) : value];
  });
  return Object.fromEntries(entries) as Values;
}

export interface Change {
  setting: Setting;
  before: unknown;
  after: unknown;
}

/** What differs, in the order of the form. */
export function changesOf(settings: readonly Setting[], before: Values, after: Values): Change[] {
  return settings
    .filter(({ pointer }) => pointer in before && pointer in after)
    .map((setting) => ({
      setting,
      before: before[setting.pointer],
      after: after[setting.pointer],
    }))
    .filter((change) => !same(change.before, change.after));
}
