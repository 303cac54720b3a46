import { ChevronDown, ChevronUp } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/shared/i18n/use-format";
import { Button } from "@/shared/ui";
import { SearchField } from "@/shared/ui/search-field";

interface TextSearchProps {
  query: string;
  onQuery: (query: string) => void;
  count: number;
  /** Which of them is in sight. */
  current: number;
  onCurrent: (current: number) => void;
}

/** Find words in the text; Enter goes on to the next. */
export function TextSearch({ query, onQuery, count, current, onCurrent }: TextSearchProps) {
  const { t } = useTranslation(["knowledge", "common"]);
  const format = useFormat();
  const go = (by: number) => count > 0 && onCurrent((current + by + count) % count);
  const isAsked = query.trim().length > 1;
  return (
    <search
      className="flex min-w-0 grow flex-wrap items-center gap-2"
      onKeyDown={(event) => event.key === "Enter" && go(event.shiftKey ? -1 : 1)}
    >
      <SearchField
        className="min-w-36 grow basis-36 sm:max-w-72"
        label={t("search_text")}
        clearLabel={t("common:clear_search")}
        value={query}
        onChange={onQuery}
      />
      <p role="status" className="text-sm whitespace-nowrap sm:min-w-16 text-faint tabular-nums">
        {isAsked &&
          (count > 0
            ? t("match", {
                current: format.number(current + 1),
                count,
                total: format.number(count),
              })
            : t("match_none"))}
      </p>
      <Button
        variant="quiet"
        size="icon"
        aria-label={t("match_before")}
        isDisabled={count === 0}
        onPress={() => go(-1)}
      >
        <ChevronUp aria-hidden className="size-4" />
      </Button>
      <Button
        variant="quiet"
        size="icon"
        aria-label={t("match_next")}
        isDisabled={count === 0}
        onPress={() => go(1)}
      >
        <ChevronDown aria-hidden className="size-4" />
      </Button>
    </search>
  );
}
