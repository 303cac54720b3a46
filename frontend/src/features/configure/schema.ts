/** What the configuration's JSON Schema says of one setting, as far as a form can be made of it. */
export interface SettingSchema {
  type: string | string[];
  title?: string;
  description?: string;
  default?: unknown;
  enum?: string[];
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  maxItems?: number;
  uniqueItems?: boolean;
  items?: SettingSchema;
}

export interface Setting {
  name: string;
  /** Where it stands in a bot, as the API's errors name it. */
  pointer: string;
  schema: SettingSchema;
}

export type Kind = "choice" | "number" | "list" | "text" | "long";

const LONG = 1000;

const typesOf = ({ type }: SettingSchema): string[] => [type].flat();

export const isNullable = (schema: SettingSchema): boolean => typesOf(schema).includes("null");

/** The field that fits; undefined where there is nothing to set, or nothing a form can show. */
export function kindOf(schema: SettingSchema): Kind | undefined {
  const types = typesOf(schema);
  if (schema.enum || types.includes("boolean")) return "choice";
  if (types.includes("number") || types.includes("integer")) return "number";
  if (types.includes("array")) return isListOfTexts(schema) ? "list" : undefined;
  if (!types.includes("string")) return undefined;
  return (schema.maxLength ?? 0) >= LONG ? "long" : "text";
}

const isListOfTexts = ({ items, maxItems }: SettingSchema): boolean =>
  maxItems !== 0 && items !== undefined && typesOf(items).includes("string");

/** What a `choice` is between. */
export function optionsOf(schema: SettingSchema): (string | boolean | null)[] {
  const options = schema.enum ?? [true, false];
  return isNullable(schema) ? [null, ...options] : options;
}

/** These two stand in the bot itself, not in its configuration. */
const OF_THE_BOT: Setting[] = [
  { name: "name", pointer: "/name", schema: { type: "string", minLength: 1, maxLength: 100 } },
  { name: "description", pointer: "/description", schema: { type: "string", maxLength: 1000 } },
];

/** By what the owner thinks of, not by what the engine calls it; the rest comes last. */
const GROUPS = {
  general: ["name", "description"],
  behaviour: ["system_prompt", "agent_type"],
  model: ["llm_model", "fallback_models", "temperature", "chat_history_length"],
  retrieval: ["retrieval_mode", "retriever_k", "rerank", "unverified_citations"],
} as const;

export type GroupName = keyof typeof GROUPS | "more";

export function settingsOf(schema: unknown): Setting[] {
  const { properties = {} } = schema as { properties?: Record<string, SettingSchema> };
  const ofConfiguration = Object.entries(properties).map(([name, rule]) => ({
    name,
    pointer: `/configuration/${name}`,
    schema: rule,
  }));
  return [...OF_THE_BOT, ...ofConfiguration].filter((setting) => kindOf(setting.schema));
}

export function groupsOf(settings: readonly Setting[]): { name: GroupName; settings: Setting[] }[] {
  const find = (name: string) => settings.filter((setting) => setting.name === name);
  const known = Object.entries(GROUPS).map(([name, names]) => ({
    name: name as GroupName,
    settings: names.flatMap(find),
  }));
  const placed = new Set(known.flatMap((group) => group.settings));
  const rest = settings.filter((setting) => !placed.has(setting));
  return [...known, { name: "more" as const, settings: rest }].filter(
    (group) => group.settings.length > 0,
  );
}
