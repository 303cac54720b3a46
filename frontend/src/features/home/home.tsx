import { Bot as BotIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useGetUsageQuery, useListBotsQuery } from "@/shared/api/inside";
import { useSession } from "@/shared/session";
import { EmptyState, ErrorState, Page } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { Checklist } from "./checklist";
import { Figures, FiguresWaiting } from "./figures";
import { useFirstAnswer } from "./first-answer";
import { RecentBots } from "./recent-bots";
import { TryIt } from "./try-it";

const today = () => new Date().toISOString().slice(0, 10); // the API counts days in UTC

/** What this role may see of the workspace. */
function useOverview() {
  const { may, isLoading: isWaitingForRole } = useSession();
  const day = today();
  const isEditor = may("editor"); // usage is not a viewer's to see
  const usage = useGetUsageQuery({ from: day, to: day, groupBy: "day" }, { skip: !isEditor });
  const bots = useListBotsQuery({ limit: 20 });
  return {
    isEditor,
    usage,
    bots,
    isWaiting: isWaitingForRole || usage.isLoading || bots.isLoading,
    isNew: bots.data?.data.length === 0,
  };
}

type Overview = ReturnType<typeof useOverview>;

function Failed({ of, title }: { of: Overview["usage"] | Overview["bots"]; title: string }) {
  const textOf = useProblemText();
  if (!of.error || of.data) return null;
  return (
    <ErrorState
      title={title}
      detail={textOf(of.error)}
      onRetry={() => void of.refetch()}
      isRetrying={of.isFetching}
    />
  );
}

function NoBotsForViewers() {
  const { t } = useTranslation("home");
  return (
    <EmptyState icon={<BotIcon aria-hidden className="size-6" />} title={t("no_bots")}>
      {t("no_bots_viewer")}
    </EmptyState>
  );
}

function Content({ overview }: { overview: Overview }) {
  const { t } = useTranslation("home");
  const { isEditor, usage, bots } = overview;
  const first = useFirstAnswer();
  const found = bots.data?.data ?? [];
  const isNew = overview.isNew || first.way !== null; // the bot is there before it knows anything
  return (
    <div className="flex flex-col gap-10">
      {isNew && (isEditor ? <TryIt {...first} /> : <NoBotsForViewers />)}
      {usage.data && bots.data && <Checklist usage={usage.data} bots={found} isQuiet={isNew} />}
      <Failed of={bots} title={t("bots_failed")} />
      {!isNew && <RecentBots bots={found} />}
      <Failed of={usage} title={t("figures_failed")} />
      {usage.data && !isNew && <Figures usage={usage.data} />}
    </div>
  );
}

export function Home() {
  const { t } = useTranslation("home");
  const { user } = useSession();
  const overview = useOverview();
  const name = user?.full_name.split(" ")[0];
  const lead = overview.isNew ? t("lead_new") : t("lead");
  return (
    <Page
      title={name ? t("welcome", { name }) : t("welcome_nobody")}
      lead={overview.isEditor || overview.isWaiting ? lead : t("lead_viewer")}
    >
      {overview.isWaiting ? <FiguresWaiting /> : <Content overview={overview} />}
    </Page>
  );
}
