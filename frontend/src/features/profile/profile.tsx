import { useTranslation } from "react-i18next";
import { useMeQuery } from "@/shared/api/entrance";
import { ErrorState, Loading, Page, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { About } from "./about";
import { Address } from "./address";
import { Appearance } from "./appearance";
import { Password } from "./password";
import { SecondFactor } from "./second-factor";
import { Sessions } from "./sessions";
import { YourData } from "./your-data";

/** One's own account, whatever the workspace. */
export function Profile() {
  const { t } = useTranslation(["profile", "common"]);
  const textOf = useProblemText();
  const { data, error, refetch, isFetching } = useMeQuery();
  return (
    <Page title={t("title")} lead={t("lead")}>
      {data && (
        <div>
          <About user={data.user} />
          <Address user={data.user} />
          <Password user={data.user} />
          <SecondFactor user={data.user} />
          <Sessions />
          <Appearance />
          <YourData />
        </div>
      )}
      {!data && !error && (
        <Loading label={t("common:loading")}>
          <Skeleton className="mb-8 h-48 w-full rounded-lg" />
          <Skeleton className="h-48 w-full rounded-lg" />
        </Loading>
      )}
      {!data && error && (
        <ErrorState
          title={t("load_failed")}
          detail={textOf(error)}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
        />
      )}
    </Page>
  );
}
