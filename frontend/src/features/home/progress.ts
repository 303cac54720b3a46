import type { Bot, UsageReport } from "@/shared/api/inside";
import { paths } from "@/shared/paths";

export type StepId = "bot" | "document" | "question" | "publish";

export interface Step {
  id: StepId;
  isDone: boolean;
  to: string;
}

const used = (usage: UsageReport, name: string): number =>
  usage.limits.find((limit) => limit.name === name)?.used ?? 0;

/** The way from an empty workspace to a bot that others may ask. */
export function stepsOf(usage: UsageReport, bots: readonly Bot[]): Step[] {
  const newest = bots[0]?.id;
  const within = (path: (id: string) => string) => (newest ? path(newest) : paths.newBot);
  return [
    { id: "bot", isDone: bots.length > 0, to: paths.newBot },
    { id: "document", isDone: used(usage, "documents") > 0, to: within(paths.knowledge) },
    { id: "question", isDone: used(usage, "messages_month") > 0, to: within(paths.playground) },
    {
      id: "publish",
      isDone: bots.some((bot) => bot.published_version !== null),
      to: within(paths.configure),
    },
  ];
}

export interface FiguresOfToday {
  messages: number;
  tokens: number;
  documents: number;
  bytes: number;
}

export function figuresOf(usage: UsageReport): FiguresOfToday {
  const sum = (pick: (row: UsageReport["data"][number]) => number) =>
    usage.data.reduce((total, row) => total + pick(row), 0);
  return {
    messages: sum((row) => row.messages),
    tokens: sum((row) => row.prompt_tokens + row.completion_tokens),
    documents: used(usage, "documents"),
    bytes: used(usage, "bytes"),
  };
}
