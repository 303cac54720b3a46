import type { Bot, BotCreate } from "@/shared/api/inside";

/** Of a file that holds a bot: what it is, and how it is written. */
const FORMAT = "chatsphere.bot/1";
const BYTES_MOST = 1_000_000;

/** What a bot is made of, without what it knows: documents are not part of it. */
export type Recipe = Required<BotCreate>;

export const recipeOf = ({ name, description, configuration }: Bot): Recipe => ({
  name,
  description,
  configuration,
});

export const fileOf = (bot: Bot): Blob =>
  new Blob([`${JSON.stringify({ format: FORMAT, ...recipeOf(bot) }, null, 2)}\n`], {
    type: "application/json",
  });

export function fileNameOf({ name, id }: Bot): string {
  const plain = name.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-+|-+$/g, "");
  return `${Array.from(plain).slice(0, 60).join("") || id}.bot.json`;
}

/** Why a file is no bot, to be said as `import_<fault>`. */
export type FileFault = "too_large" | "no_json" | "no_bot" | "other_format";

type Read = { recipe: Recipe } | { fault: FileFault };

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function recipeIn(content: Record<string, unknown>): Recipe | undefined {
  const { name, description = "", configuration = {} } = content;
  if (typeof name !== "string" || typeof description !== "string") return undefined;
  return isObject(configuration) ? { name, description, configuration } : undefined;
}

/** What a file holds; whether its settings are possible is the API's to say. */
export async function readBotFile(file: File): Promise<Read> {
  if (file.size > BYTES_MOST) return { fault: "too_large" };
  const content = parsed(await file.text());
  if (content === undefined) return { fault: "no_json" };
  if (!isObject(content) || !("format" in content)) return { fault: "no_bot" };
  if (content.format !== FORMAT) return { fault: "other_format" };
  const recipe = recipeIn(content);
  return recipe ? { recipe } : { fault: "no_bot" };
}
