import { useTranslation } from "react-i18next";
import { useGetSubscriptionQuery } from "@/shared/api/inside";
import { useSession } from "@/shared/session";
import { Badge, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { Limit } from "./limit";
import type { UsageQuery } from "./query";

const grid = "grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-3";

export function Plan({ usage: { data, error, refetch, isFetching } }: { usage: UsageQuery }) {
  const { t } = useTranslation("usage");
  const textOf = useProblemText();
  const { workspace } = useSession();
  const id = workspace?.id ?? "";
  const { data: subscription } = useGetSubscriptionQuery({ workspaceId: id }, { skip: !id });
  return (
    <section aria-labelledby="plan">
      <div className="mb-3 flex min-h-7 flex-wrap items-center gap-3">
        <h2 id="plan" className="text-lg font-semibold">
          {t("plan")}
        </h2>
        {subscription && <Badge tone="accent">{subscription.plan.name}</Badge>}
      </div>
      {data && (
        <ul className={grid}>
          {data.limits.map((limit) => (
            <Limit key={limit.name} standing={limit} />
          ))}
        </ul>
      )}
      {!data && !error && <Waiting />}
      {!data && Boolean(error) && (
        <ErrorState
          title={t("load_failed")}
          detail={textOf(error)}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
        />
      )}
    </section>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <div className={grid}>
        {[1, 2, 3, 4, 5, 6].map((n) => (
          <Skeleton key={n} className="h-31 w-full rounded-lg" />
        ))}
      </div>
    </Loading>
  );
}
