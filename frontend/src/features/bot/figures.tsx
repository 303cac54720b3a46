import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { BotSummary } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { paths } from "@/shared/paths";
import { Card, Loading, Skeleton } from "@/shared/ui";

const grid = "grid grid-cols-1 gap-4 min-[22rem]:grid-cols-2 xl:grid-cols-4";

interface FigureProps {
  name: string;
  value: string;
  note: ReactNode;
  to: string;
}

/** The whole card leads to what it counts; its name is the link. */
function Figure({ name, value, note, to }: FigureProps) {
  return (
    <Card className="relative flex flex-col p-4 sm:p-5 transition-colors duration-150 focus-within:border-line-strong hover:border-line-strong">
      <dt className="text-sm">
        <Link
          to={to}
          className="text-soft no-underline after:absolute after:inset-0 after:rounded-lg"
        >
          {name}
        </Link>
      </dt>
      <dd className="mt-1 text-2xl font-semibold tracking-tight tabular-nums">{value}</dd>
      <dd className="mt-0.5 text-sm text-faint">{note}</dd>
    </Card>
  );
}

function useDocumentsNote({ documents, bytes }: BotSummary): ReactNode {
  const { t } = useTranslation("bot");
  const format = useFormat();
  const waiting = documents.pending + documents.processing;
  if (documents.failed > 0) {
    return (
      <span className="text-danger">{t("documents_failed", { count: documents.failed })}</span>
    );
  }
  if (waiting > 0) return t("documents_waiting", { count: waiting });
  return t("documents_size", { size: format.bytes(bytes) });
}

/** How the bot is: what it knows, and how it is used. */
export function Figures({ botId, summary }: { botId: string; summary: BotSummary }) {
  const { t } = useTranslation("bot");
  const format = useFormat();
  const documentsNote = useDocumentsNote(summary);
  const { documents, conversations, messages_today, failed_today, feedback } = summary;
  const rated = feedback.up + feedback.down;
  return (
    <dl className={grid}>
      <Figure
        to={paths.knowledge(botId)}
        name={t("documents")}
        value={format.number(documents.ready)}
        note={documentsNote}
      />
      <Figure
        to={paths.conversations(botId)}
        name={t("answers_today")}
        value={format.number(messages_today)}
        note={
          failed_today > 0 ? (
            <span className="text-danger">{t("answers_failed", { count: failed_today })}</span>
          ) : (
            t("answers_utc")
          )
        }
      />
      <Figure
        to={paths.conversations(botId)}
        name={t("conversations")}
        value={format.number(conversations)}
        note={t("in_all")}
      />
      <Figure
        to={`${paths.conversations(botId)}?feedback=down`}
        name={t("feedback")}
        value={rated === 0 ? "–" : format.percent(feedback.up / rated)}
        note={
          rated === 0 ? t("feedback_none") : t("feedback_of", { up: feedback.up, count: rated })
        }
      />
    </dl>
  );
}

export function FiguresWaiting() {
  const { t } = useTranslation();
  return (
    <Loading label={t("loading")}>
      <Skeleton className="mb-8 h-20 w-full rounded-lg" />
      <div className={grid}>
        {[1, 2, 3, 4].map((n) => (
          <Skeleton key={n} className="h-30 w-full rounded-lg" />
        ))}
      </div>
    </Loading>
  );
}
