import { Bot as BotIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";
import type { Bot } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { EmptyState, ErrorState, LinkButton, Loading, NoResultState, Skeleton } from "@/shared/ui";
import { SearchField } from "@/shared/ui/search-field";
import { useUndoableDelete } from "@/shared/undo";
import { useProblemText } from "@/shared/use-problem-text";
import { useAllBotsQuery } from "./all-bots";
import { BotCard } from "./bot-card";
import { matching } from "./match";

const grid = "grid grid-cols-1 gap-4 sm:grid-cols-2 xl:grid-cols-3";

export function BotList() {
  const { t } = useTranslation(["bots", "common"]);
  const textOf = useProblemText();
  const { data, error, refetch, isFetching } = useAllBotsQuery();
  const { isHidden } = useUndoableDelete();
  if (error && !data) {
    return (
      <ErrorState
        title={t("load_failed")}
        detail={textOf(error)}
        onRetry={() => void refetch()}
        isRetrying={isFetching}
      />
    );
  }
  if (!data) return <Waiting />;
  const bots = data.filter(({ id }) => !isHidden(id));
  return bots.length === 0 ? <NoBots /> : <Found bots={bots} />;
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <Skeleton className="mb-5 h-10 w-full sm:max-w-xs" />
      <div className={grid}>
        {[1, 2, 3].map((n) => (
          <Skeleton key={n} className="h-38 w-full rounded-lg" />
        ))}
      </div>
    </Loading>
  );
}

function NoBots() {
  const { t } = useTranslation(["bots", "common"]);
  const { may } = useSession();
  const isAllowed = may("editor");
  return (
    <EmptyState
      icon={<BotIcon aria-hidden className="size-6" />}
      title={t("empty_title")}
      action={isAllowed && <LinkButton to={paths.newBot}>{t("create")}</LinkButton>}
    >
      {isAllowed ? t("empty_text") : t("empty_text_viewer")}
    </EmptyState>
  );
}

/** What is searched for stands in the address: a search can be sent to somebody. */
function Found({ bots }: { bots: readonly Bot[] }) {
  const { t } = useTranslation(["bots", "common"]);
  const [params, setParams] = useSearchParams();
  const query = params.get("q") ?? "";
  const search = (q: string) => setParams(q ? { q } : {}, { replace: true });
  const found = matching(bots, query);
  return (
    <>
      <SearchField
        className="mb-5 w-full sm:max-w-xs"
        label={t("search")}
        clearLabel={t("common:clear_search")}
        value={query}
        onChange={search}
      />
      {found.length === 0 ? (
        <NoResultState title={t("no_result", { query })} onClear={() => search("")} />
      ) : (
        <ul className={grid}>
          {found.map((bot) => (
            <BotCard key={bot.id} bot={bot} />
          ))}
        </ul>
      )}
    </>
  );
}
