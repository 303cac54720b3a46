import type { BotSummary } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import type { Publication } from "./publication";

export type NextStepId = "add" | "failed" | "wait" | "ask" | "publish" | "publish_again";

export interface NextStep {
  id: NextStepId;
  to: string;
  count: number;
}

/** What helps this bot most now; undefined where it has all it needs. */
export function nextStepOf(
  botId: string,
  { documents, conversations }: BotSummary,
  publication: Publication,
): NextStep | undefined {
  const { pending, processing, ready, failed } = documents;
  const waiting = pending + processing;
  const publish = `${paths.versions(botId)}?publish=draft`;
  const steps: [isDue: boolean, id: NextStepId, to: string, count?: number][] = [
    [ready + waiting + failed === 0, "add", paths.knowledge(botId)],
    [failed > 0, "failed", `${paths.knowledge(botId)}?status=failed`, failed],
    [ready === 0, "wait", paths.knowledge(botId), waiting],
    [conversations === 0, "ask", paths.playground(botId)],
    [publication.kind === "draft", "publish", publish],
    [publication.kind === "changed", "publish_again", publish],
  ];
  const [, id, to, count = 0] = steps.find(([isDue]) => isDue) ?? [];
  return id && to ? { id, to, count } : undefined;
}
