import { useTranslation } from "react-i18next";
import { type Message, type Trace as Traced, useGetTraceQuery } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import type { Passage } from "@/shared/passage/passage";
import { paths } from "@/shared/paths";
import { ErrorState, Loading, Skeleton, TextLink } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { TraceSources } from "./trace-sources";
import { TraceSteps } from "./trace-steps";

interface TraceProps {
  botId: string;
  message: Message;
  onOpenPassage: (passage: Passage) => void;
}

/** How an answer came about; the retrieval lab shows what else there was to find. */
export function Trace({ botId, message, onOpenPassage }: TraceProps) {
  const { t } = useTranslation("chat");
  const textOf = useProblemText();
  const query = useGetTraceQuery({ messageId: message.id });
  const { currentData: trace, error, refetch, isFetching } = query;
  if (error && !trace) {
    return (
      <ErrorState
        title={t("trace_failed")}
        detail={textOf(error)}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  if (!trace) return <Waiting />;
  return (
    <div className="flex flex-col gap-6">
      <Facts trace={trace} />
      <TraceSteps steps={trace.steps} />
      <TraceSources sources={trace.sources} onOpen={onOpenPassage} />
      {trace.query !== null && (
        <TextLink
          to={`${paths.retrieval(botId)}?${new URLSearchParams({ q: trace.query })}`}
          className="self-start text-sm"
        >
          {t("to_lab")}
        </TextLink>
      )}
    </div>
  );
}

interface Fact {
  id: "version" | "model" | "fallback" | "tokens" | "cost" | "query";
  value: string;
}

function useFacts({ bot_version, model, usage, cost, query, fallbacks }: Traced): Fact[] {
  const { t } = useTranslation("chat");
  const { number, decimal } = useFormat();
  const tokens = t("tokens", {
    prompt: number(usage.prompt_tokens),
    completion: number(usage.completion_tokens),
  });
  const version =
    bot_version === "draft" ? t("draft") : t("version", { number: number(bot_version) });
  return [
    { id: "version", value: version },
    { id: "model", value: model ?? t("no_model") },
    ...fallbacks.map((one) => ({ id: "fallback" as const, value: `${one.model} (${one.code})` })),
    { id: "tokens", value: tokens },
    { id: "cost", value: cost ? `${decimal(cost.amount)} ${cost.currency}` : t("cost_unknown") },
    { id: "query", value: query ?? t("no_search") },
  ];
}

function Facts({ trace }: { trace: Traced }) {
  const { t } = useTranslation("chat");
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-5 gap-y-1.5 text-sm">
      {useFacts(trace).map(({ id, value }, index) => (
        <div key={index} className="contents">
          <dt className="text-faint">{t(`fact_${id}`)}</dt>
          <dd dir="auto" className="min-w-0 wrap-anywhere">
            {value}
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <div className="flex flex-col gap-3">
        <Skeleton className="h-32 w-full" />
        <Skeleton className="h-40 w-full" />
        <Skeleton className="h-24 w-full" />
      </div>
    </Loading>
  );
}
