import { useTranslation } from "react-i18next";
import { useGetUsageQuery, useListBotsQuery } from "@/shared/api/inside";
import { useSession } from "@/shared/session";
import { ErrorState, Page } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { Checklist } from "./checklist";
import { Figures, FiguresWaiting } from "./figures";

const today = () => new Date().toISOString().slice(0, 10); // the API counts days in UTC

export function Home() {
  const { t } = useTranslation("home");
  const textOf = useProblemText();
  const { user, may, isLoading } = useSession();
  const day = today();
  const isAllowed = may("editor"); // usage is not a viewer's to see
  const usage = useGetUsageQuery({ from: day, to: day, groupBy: "day" }, { skip: !isAllowed });
  const bots = useListBotsQuery({ limit: 20 });
  const name = user?.full_name.split(" ")[0];
  return (
    <Page
      title={name ? t("welcome", { name }) : t("welcome_nobody")}
      lead={isAllowed || isLoading ? t("lead") : t("lead_viewer")}
    >
      <div className="flex flex-col gap-8">
        {(isLoading || usage.isLoading) && <FiguresWaiting />}
        {usage.error && (
          <ErrorState
            title={t("figures_failed")}
            detail={textOf(usage.error)}
            onRetry={() => void usage.refetch()}
            isRetrying={usage.isFetching}
          />
        )}
        {usage.data && <Checklist usage={usage.data} bots={bots.data?.data ?? []} />}
        {usage.data && <Figures usage={usage.data} />}
      </div>
    </Page>
  );
}
