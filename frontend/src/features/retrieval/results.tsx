import { useCallback, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Badge, ErrorState } from "@/shared/ui";
import { Tabs } from "@/shared/ui/tabs";
import { useProblemText } from "@/shared/use-problem-text";
import { useIsWide } from "@/shared/use-width";
import { finder } from "@/shared/words";
import type { useAddress } from "./address";
import { Column, type ColumnContext } from "./column";
import { MODES, type Mode, ranksOf } from "./modes";
import { NothingFound } from "./nothing-found";
import type { Search, useSearches } from "./search-api";

const COLUMNS_LEAST = 720;

interface ResultsProps {
  searches: ReturnType<typeof useSearches>;
  address: ReturnType<typeof useAddress>;
  /** How the bot itself searches. */
  usual: string | undefined;
}

const hitsOf = ({ currentData }: Search) => currentData?.data ?? [];

function useContext({ searches, address }: ResultsProps): ColumnContext {
  const { asked, passage, change, toPassage } = address;
  const { hybrid, vector, keyword } = searches;
  const [pointedAt, onPoint] = useState<string | null>(null);
  const found = [hybrid.currentData, vector.currentData, keyword.currentData] as const;
  const [inHybrid, inVector, inKeyword] = found;
  const ranks = useMemo(
    () =>
      ranksOf({
        hybrid: inHybrid?.data ?? [],
        vector: inVector?.data ?? [],
        keyword: inKeyword?.data ?? [],
      }),
    [inHybrid, inVector, inKeyword],
  );
  const find = useMemo(() => finder(asked.query), [asked.query]);
  const narrow = useCallback((document: string) => change({ document, passage: null }), [change]);
  const onNarrow = asked.documentId === null ? narrow : null;
  return { ranks, find, open: passage, pointedAt, onPoint, toPassage, onNarrow };
}

function SideBySide({ searches, usual, context }: ResultsProps & { context: ColumnContext }) {
  const { t } = useTranslation("retrieval");
  return (
    <div className="grid grid-cols-3 gap-5">
      {MODES.map((mode) => (
        <section key={mode} aria-labelledby={`search-${mode}`} className="min-w-0">
          <div className="mb-1 flex min-h-7 flex-wrap items-center gap-2">
            <h2 id={`search-${mode}`} className="text-lg font-semibold">
              {t(`mode_${mode}`)}
            </h2>
            {usual === mode && <Badge tone="accent">{t("mode_of_bot")}</Badge>}
          </div>
          <p className="mb-3 text-sm text-soft">{t(`mode_${mode}_why`)}</p>
          <Column mode={mode} search={searches[mode]} context={context} />
        </section>
      ))}
    </div>
  );
}

function OneByOne({ searches, address, context }: ResultsProps & { context: ColumnContext }) {
  const { t } = useTranslation("retrieval");
  const tabs = MODES.map((mode) => ({
    id: mode,
    name: t(`mode_${mode}`),
    content: (
      <>
        <h2 className="sr-only">{t(`mode_${mode}`)}</h2>
        <p className="mb-3 text-sm text-soft">{t(`mode_${mode}_why`)}</p>
        <Column mode={mode} search={searches[mode]} context={context} />
      </>
    ),
  }));
  const choose = (view: Mode) => view !== address.view && address.change({ view });
  return <Tabs label={t("searches")} tabs={tabs} selected={address.view} onSelect={choose} />;
}

function Failed({ searches }: Pick<ResultsProps, "searches">) {
  const { t } = useTranslation("retrieval");
  const textOf = useProblemText();
  return (
    <ErrorState
      title={t("failed")}
      detail={textOf(searches.hybrid.error)}
      onRetry={searches.again}
      isRetrying={searches.hybrid.isFetching}
    />
  );
}

function Found(props: ResultsProps & { isWide: boolean }) {
  const { searches, address, isWide } = props;
  const context = useContext(props);
  const all = MODES.map((mode) => searches[mode]);
  if (all.every(({ isError, currentData }) => isError && !currentData)) {
    return <Failed searches={searches} />;
  }
  if (all.every((search) => search.currentData && hitsOf(search).length === 0)) {
    return <NothingFound address={address} />;
  }
  const Layout = isWide ? SideBySide : OneByOne;
  return <Layout {...props} context={context} />;
}

/** What the three searches found: side by side where there is room, else one by one. */
export function Results(props: ResultsProps) {
  const room = useRef<HTMLDivElement>(null);
  const isWide = useIsWide(room, COLUMNS_LEAST);
  return (
    <div ref={room}>
      <Found {...props} isWide={isWide} />
    </div>
  );
}
