import { Globe } from "lucide-react";
import { useTranslation } from "react-i18next";
import { type Crawl, useListCrawlsQuery, useStopCrawlMutation } from "@/shared/api/inside";
import { Badge, Button, Card, type Tone } from "@/shared/ui";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";

const EVERY_MS = 3000;
const SHOWN_AFTER_MS = 10 * 60_000; // how it ended stays for a while
const MOST = 5;

const isRunning = ({ status }: Crawl) => status === "running";

/** The sites that are being read, or were a moment ago. */
export function useCrawls(botId: string): { crawls: Crawl[]; isReading: boolean } {
  const isReading = useListCrawlsQuery(
    { botId, limit: MOST },
    { selectFromResult: ({ data }) => ({ is: Boolean(data?.data.some(isRunning)) }) },
  ).is;
  const { data } = useListCrawlsQuery(
    { botId, limit: MOST },
    { pollingInterval: isReading ? EVERY_MS : 0, skipPollingIfUnfocused: true },
  );
  const isRecent = ({ updated_at }: Crawl) => Date.now() - Date.parse(updated_at) < SHOWN_AFTER_MS;
  const crawls = (data?.data ?? []).filter((crawl) => isRunning(crawl) || isRecent(crawl));
  return { crawls, isReading };
}

const TONES: Record<Crawl["status"], Tone> = {
  running: "info",
  completed: "success",
  failed: "danger",
  stopped: "neutral",
};

function CrawlRow({ crawl, canStop }: { crawl: Crawl; canStop: boolean }) {
  const { t } = useTranslation("knowledge");
  const textOf = useProblemText();
  const [stop, { isLoading }] = useStopCrawlMutation();
  const { url, status, found, added, failed, error } = crawl;
  const onStop = async () => {
    const refused = (await stop({ crawlId: crawl.id })).error;
    if (refused) notify.error(t("site_stop_failed"), { description: textOf(refused) });
  };
  const facts = [
    t("site_found", { count: found }),
    t("site_added", { count: added }),
    failed > 0 && t("site_failed_pages", { count: failed }),
  ];
  return (
    <li className="flex min-h-16 flex-wrap items-center gap-x-3 gap-y-1 px-4 py-3">
      <Globe aria-hidden className="size-4.5 shrink-0 text-faint" />
      <div className="min-w-0 grow basis-40">
        <p className="truncate text-sm font-medium">{url}</p>
        <p className={`text-xs ${error ? "text-danger" : "text-faint"}`}>
          {error?.detail ?? facts.filter(Boolean).join(" · ")}
        </p>
      </div>
      <Badge tone={TONES[status]}>{t(`site_${status}`)}</Badge>
      {canStop && isRunning(crawl) && (
        <Button variant="secondary" size="sm" isPending={isLoading} onPress={() => void onStop()}>
          {t("stop")}
        </Button>
      )}
    </li>
  );
}

export function Crawls({ crawls, canStop }: { crawls: readonly Crawl[]; canStop: boolean }) {
  const { t } = useTranslation("knowledge");
  if (crawls.length === 0) return null;
  return (
    <Card className="mb-5">
      <section aria-labelledby="crawls">
        <h2 id="crawls" className="border-b border-line px-4 py-3 text-sm font-semibold">
          {t("sites")}
        </h2>
        <ul className="divide-y divide-line">
          {crawls.map((crawl) => (
            <CrawlRow key={crawl.id} crawl={crawl} canStop={canStop} />
          ))}
        </ul>
      </section>
    </Card>
  );
}
