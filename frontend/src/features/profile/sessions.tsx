import { useState } from "react";
import { useTranslation } from "react-i18next";
import {
  type OwnSession,
  useEndOtherSessionsMutation,
  useEndSessionMutation,
  useListSessionsQuery,
} from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Badge, Button, Card, ErrorState, Loading, Skeleton } from "@/shared/ui";
import { ConfirmDialog } from "@/shared/ui/confirm-dialog";
import { Section } from "@/shared/ui/section";
import { notify } from "@/shared/ui/toast";
import { useProblemText } from "@/shared/use-problem-text";
import { deviceOf } from "./device";

const MOST = 100;

/** Where one is logged in: the one in use first, the others by when they were used. */
export function Sessions() {
  const { t } = useTranslation(["profile", "common"]);
  const textOf = useProblemText();
  const { data, error, refetch, isFetching } = useListSessionsQuery({ limit: MOST });
  return (
    <Section title={t("sessions")} lead={t("sessions_lead")}>
      {data && <Listed sessions={data.data} />}
      {!data && !error && (
        <Loading label={t("common:loading")}>
          <Skeleton className="h-40 w-full rounded-lg" />
        </Loading>
      )}
      {!data && error && (
        <ErrorState
          title={t("sessions_failed")}
          detail={textOf(error)}
          onRetry={() => void refetch()}
          isRetrying={isFetching}
        />
      )}
    </Section>
  );
}

function Listed({ sessions }: { sessions: readonly OwnSession[] }) {
  const sorted = [...sessions].sort(
    (a, b) => Number(b.current) - Number(a.current) || b.last_used_at.localeCompare(a.last_used_at),
  );
  return (
    <>
      <Card>
        <ul className="max-h-112 divide-y divide-line overflow-y-auto">
          {sorted.map((session) => (
            <Row key={session.id} session={session} />
          ))}
        </ul>
      </Card>
      {sessions.length > 1 && <EndOthers count={sessions.length - 1} />}
    </>
  );
}

function Row({ session }: { session: OwnSession }) {
  const { t } = useTranslation("profile");
  const format = useFormat();
  const textOf = useProblemText();
  const [end, { isLoading }] = useEndSessionMutation();
  const device = deviceOf(session.user_agent) || t("device_unknown");
  const stop = async () => {
    const { error } = await end({ sessionId: session.id });
    if (error) notify.error(t("session_failed"), { description: textOf(error) });
    else notify.success(t("session_ended", { device }), { description: t("session_ended_next") });
  };
  return (
    <li className="flex flex-wrap items-center justify-between gap-3 p-4">
      <div className="min-w-0">
        <p className="flex flex-wrap items-center gap-2 font-medium">
          {device}
          {session.current && <Badge tone="accent">{t("session_current")}</Badge>}
        </p>
        <p className="text-sm text-soft">
          {t("session_used", {
            when: format.ago(session.last_used_at),
            address: session.address || t("address_unknown"),
          })}
        </p>
        <p className="text-xs text-faint">
          {t("session_began", { when: format.moment(session.created_at) })}
        </p>
      </div>
      {!session.current && (
        <Button
          variant="quiet"
          size="sm"
          aria-label={t("session_end_what", { device })}
          isPending={isLoading}
          onPress={() => void stop()}
        >
          {t("session_end")}
        </Button>
      )}
    </li>
  );
}

function EndOthers({ count }: { count: number }) {
  const { t } = useTranslation("profile");
  const textOf = useProblemText();
  const [isAsking, setAsking] = useState(false);
  const [end, { isLoading }] = useEndOtherSessionsMutation();
  const stop = async () => {
    const { error } = await end();
    setAsking(false);
    if (error) notify.error(t("session_failed"), { description: textOf(error) });
    else notify.success(t("sessions_ended"), { description: t("session_ended_next") });
  };
  return (
    <div className="mt-4">
      <Button variant="secondary" onPress={() => setAsking(true)}>
        {t("sessions_end")}
      </Button>
      <ConfirmDialog
        title={t("sessions_end_ask", { count })}
        action={t("sessions_end")}
        isOpen={isAsking}
        isPending={isLoading}
        onConfirm={() => void stop()}
        onClose={() => setAsking(false)}
      >
        {t("sessions_end_means")}
      </ConfirmDialog>
    </div>
  );
}
