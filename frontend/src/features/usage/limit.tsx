import { Label } from "react-aria-components/Label";
import { Meter } from "react-aria-components/Meter";
import { useTranslation } from "react-i18next";
import type { LimitStanding } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Badge, Card } from "@/shared/ui";

const NEAR = 80; // per cent

/** How full a limit is, in per cent and in words. */
function fullness({ used, limit }: LimitStanding) {
  if (limit === null) return { share: 0, state: "free" } as const;
  const share = Math.min((used / Math.max(limit, 1)) * 100, 100);
  if (used >= limit) return { share: 100, state: "full" } as const;
  return { share, state: share >= NEAR ? "near" : "free" } as const;
}

/** What was used of a limit; near its end also what to do about it. */
export function Limit({ standing }: { standing: LimitStanding }) {
  const { t } = useTranslation("usage");
  const format = useFormat();
  const { name, used, limit, renews_at } = standing;
  const text = name === "bytes" ? format.bytes : format.number;
  const { share, state } = fullness(standing);
  return (
    <li>
      <Card className="flex h-full min-h-31 flex-col p-5">
        <Meter
          value={share}
          valueLabel={
            limit === null ? text(used) : t("used_of", { used: text(used), limit: text(limit) })
          }
        >
          {({ valueText }) => (
            <>
              <span className="flex flex-wrap items-center justify-between gap-2">
                <Label className="text-sm text-soft">{t(`limit_${name}`)}</Label>
                {state === "full" && <Badge tone="danger">{t("full")}</Badge>}
                {state === "near" && <Badge tone="warning">{t("near")}</Badge>}
              </span>
              <span className="mt-1 block font-semibold tabular-nums">{valueText}</span>
              <Bar share={used > 0 ? Math.max(share, 1) : 0} isFull={state === "full"} />
            </>
          )}
        </Meter>
        <Renewal limit={limit} renewsAt={renews_at} />
        {state !== "free" && (
          <p className="mt-2 text-sm text-soft">{t(renews_at ? "do_wait" : "do_free")}</p>
        )}
      </Card>
    </li>
  );
}

function Bar({ share, isFull }: { share: number; isFull: boolean }) {
  return (
    <span
      aria-hidden
      className="mt-2.5 block h-2 overflow-hidden rounded-full border border-line-strong/60 bg-sunken"
    >
      <span
        className={`block h-full rounded-full ${isFull ? "bg-danger" : "bg-accent"}`}
        style={{ inlineSize: `${share}%` }}
      />
    </span>
  );
}

function Renewal({ limit, renewsAt }: { limit: number | null; renewsAt: string | null }) {
  const { t } = useTranslation("usage");
  const format = useFormat();
  return (
    <p className="mt-2 text-xs text-faint">
      {limit === null && t("no_limit")}
      {limit !== null && renewsAt && t("renews", { when: format.date(renewsAt) })}
      {limit !== null && !renewsAt && t("frees")}
    </p>
  );
}
