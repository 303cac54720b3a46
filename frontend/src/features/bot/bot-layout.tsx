import { Bot as BotIcon } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Outlet, useParams } from "react-router";
import { problemOf } from "@/shared/api";
import { useGetBotQuery } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { EmptyState, ErrorState, LinkButton, useTitle } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { BotHead } from "./bot-head";

/** Instead of the bot: there is no other screen that would name itself. */
function Alone({ title, children }: { title: string; children: ReactNode }) {
  useTitle(title);
  return (
    <div className="mx-auto w-full max-w-3xl px-4 py-12">
      <h1 className="sr-only">{title}</h1>
      {children}
    </div>
  );
}

function NoSuchBot() {
  const { t } = useTranslation("bot");
  return (
    <Alone title={t("bot")}>
      <EmptyState
        icon={<BotIcon aria-hidden className="size-6" />}
        title={t("not_found_title")}
        action={<LinkButton to={paths.bots}>{t("all_bots")}</LinkButton>}
      >
        {t("not_found_text")}
      </EmptyState>
    </Alone>
  );
}

/**
 * Everything about one bot: its head, and the part one is in. A part that has a `data-fill` gets
 * exactly the height that is left of the window (a chat scrolls inside it); any other may be longer.
 */
export function BotLayout() {
  const { t } = useTranslation("bot");
  const textOf = useProblemText();
  const { botId = "" } = useParams();
  const { currentData: bot, error, refetch, isFetching } = useGetBotQuery({ botId });
  if (problemOf(error)?.status === 404) return <NoSuchBot />;
  if (error && !bot) {
    return (
      <Alone title={t("bot")}>
        <ErrorState
          title={t("load_failed")}
          detail={textOf(error)}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
        />
      </Alone>
    );
  }
  return (
    <div className="flex min-h-[calc(100dvh-3.5rem)] flex-col has-data-fill:h-[calc(100dvh-3.5rem)]">
      <BotHead botId={botId} bot={bot} />
      <div className="flex min-h-0 grow flex-col">
        <Outlet />
      </div>
    </div>
  );
}
