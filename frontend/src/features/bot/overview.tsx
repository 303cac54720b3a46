import { useTranslation } from "react-i18next";
import { useParams } from "react-router";
import { useAllVersionsQuery } from "@/shared/api/all-versions";
import { type Bot, useGetBotQuery, useGetSummaryQuery } from "@/shared/api/inside";
import { useSession } from "@/shared/session";
import { ErrorState, Page } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { CallIt } from "./call-it";
import { DangerZone } from "./danger-zone";
import { Figures, FiguresWaiting } from "./figures";
import { nextStepOf } from "./next-step";
import { NextStepCard } from "./next-step-card";
import { publicationOf } from "./publication";
import { Recent } from "./recent";

/** The figures, and what they say should be done. */
function State({ bot }: { bot: Bot }) {
  const { t } = useTranslation("bot");
  const textOf = useProblemText();
  const { may } = useSession();
  const { currentData, error, refetch, isFetching } = useGetSummaryQuery({ botId: bot.id });
  const { currentData: versions } = useAllVersionsQuery(bot.id);
  if (error && !currentData) {
    return (
      <ErrorState
        title={t("figures_failed")}
        detail={textOf(error)}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  if (!currentData || !versions) return <FiguresWaiting />;
  const step = may("editor") && nextStepOf(bot.id, currentData, publicationOf(bot, versions));
  return (
    <div className="flex flex-col gap-8">
      {step && <NextStepCard step={step} />}
      <Figures botId={bot.id} summary={currentData} />
    </div>
  );
}

/** What whoever runs a bot wants to see first. */
export function Overview() {
  const { t } = useTranslation("bot");
  const { botId = "" } = useParams();
  const { may } = useSession();
  const { currentData: bot } = useGetBotQuery({ botId }); // its layout says where it fails
  return (
    <Page title={t("part_overview")} lead={bot?.description || undefined}>
      <div className="flex flex-col gap-8">
        {bot ? <State bot={bot} /> : <FiguresWaiting />}
        <Recent botId={botId} />
        <div className="border-t border-line pt-8">
          <CallIt botId={botId} />
          {bot && may("editor") && <DangerZone bot={bot} />}
        </div>
      </div>
    </Page>
  );
}
