import { History as HistoryIcon, SlidersHorizontal } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useParams, useSearchParams } from "react-router";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { Button, EmptyState, ErrorState, LinkButton, Loading, Page, Skeleton } from "@/shared/ui";
import { useProblemText } from "@/shared/use-problem-text";
import { Compare } from "./compare";
import { PublishDialog } from "./publish-dialog";
import {
  before,
  changesBetween,
  type History,
  type Side,
  sideOf,
  useHistory,
} from "./use-versions";
import { MakeDialog, RestoreDialog } from "./version-dialogs";
import { DraftRow, VersionRow } from "./version-row";

/** What is compared and what is asked stand in the address: both can be sent to somebody. */
function usePlace(history: History) {
  const [params, setParams] = useSearchParams();
  const to = sideOf(history, params.get("to")) ?? "draft";
  const from = sideOf(history, params.get("from")) ?? before(history, to);
  const linkTo = (side: Side) => `?from=${before(history, side)}&to=${side}`;
  const compare = (one: Side, other: Side) =>
    setParams(
      { from: String(one), to: String(other) },
      { replace: true, preventScrollReset: true },
    );
  return { from, to, linkTo, compare };
}

/** One dialog at a time: `?publish=draft`, `?publish=3`, `?restore=3`, `?make=draft`. */
function useAsked() {
  const [params, setParams] = useSearchParams();
  const ask = (deed: "publish" | "restore" | "make", side: Side) =>
    setParams((now) => new URLSearchParams([...now, [deed, String(side)]]), { replace: true });
  const close = () =>
    setParams(
      (now) => {
        for (const deed of ["publish", "restore", "make"]) now.delete(deed);
        return now;
      },
      { replace: true },
    );
  return { params, ask, close };
}

function Asked({ history }: { history: History }) {
  const { params, close } = useAsked();
  const { may } = useSession();
  if (!may("editor")) return null;
  const toPublish = sideOf(history, params.get("publish"));
  const toRestore = sideOf(history, params.get("restore"));
  if (toPublish) return <PublishDialog history={history} side={toPublish} onClose={close} />;
  if (typeof toRestore === "number") {
    return <RestoreDialog history={history} version={toRestore} onClose={close} />;
  }
  return params.has("make") ? <MakeDialog history={history} onClose={close} /> : null;
}

function NoVersions() {
  const { t } = useTranslation("configure");
  return (
    <EmptyState
      icon={<HistoryIcon aria-hidden className="size-6" />}
      title={t("no_versions_title")}
    >
      {t("no_versions_text")}
    </EmptyState>
  );
}

function Found({ history }: { history: History }) {
  const { t } = useTranslation("configure");
  const { from, to, linkTo, compare } = usePlace(history);
  const { ask } = useAsked();
  const { may } = useSession();
  const { bot, versions } = history;
  if (versions.length === 0) return <NoVersions />;
  const deedsOf = (number: number) => ({
    publish: () => ask("publish", number),
    restore: () => ask("restore", number),
  });
  return (
    <div className="grid items-start gap-6 lg:grid-cols-[minmax(0,22rem)_minmax(0,1fr)]">
      <ol aria-label={t("versions_list")} className="flex flex-col gap-2">
        <DraftRow
          to={linkTo("draft")}
          isCurrent={to === "draft"}
          count={changesBetween(history, before(history, "draft"), "draft").length}
        />
        {versions.map((version) => (
          <VersionRow
            key={version.number}
            version={version}
            published={bot.published_version}
            to={linkTo(version.number)}
            isCurrent={to === version.number}
            deeds={may("editor") ? deedsOf(version.number) : undefined}
          />
        ))}
      </ol>
      <Compare history={history} from={from} to={to} onCompare={compare} />
    </div>
  );
}

function Waiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <div className="grid gap-6 lg:grid-cols-[minmax(0,22rem)_minmax(0,1fr)]">
        <div className="flex flex-col gap-2">
          {[1, 2, 3].map((n) => (
            <Skeleton key={n} className="h-20 w-full rounded-lg" />
          ))}
        </div>
        <Skeleton className="h-72 w-full rounded-lg" />
      </div>
    </Loading>
  );
}

function Content({ botId }: { botId: string }) {
  const { t } = useTranslation("configure");
  const textOf = useProblemText();
  const { history, error, isFetching, refetch } = useHistory(botId);
  if (history) {
    return (
      <>
        <Found history={history} />
        <Asked history={history} />
      </>
    );
  }
  if (!error) return <Waiting />;
  return (
    <ErrorState
      title={t("versions_failed")}
      detail={textOf(error)}
      onRetry={refetch}
      isRetrying={isFetching}
    />
  );
}

/** How the bot was configured before, and what is served of it. */
export function Versions() {
  const { t } = useTranslation("configure");
  const { botId = "" } = useParams();
  const { may } = useSession();
  const { ask } = useAsked();
  return (
    <Page
      title={t("versions")}
      lead={t("versions_lead")}
      actions={
        <>
          <LinkButton variant="secondary" to={paths.configure(botId)}>
            <SlidersHorizontal aria-hidden className="size-4" />
            {t("to_form")}
          </LinkButton>
          {may("editor") && (
            <Button variant="secondary" onPress={() => ask("make", "draft")}>
              {t("make")}
            </Button>
          )}
        </>
      }
    >
      <Content botId={botId} />
    </Page>
  );
}
