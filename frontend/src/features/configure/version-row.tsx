import { Ellipsis, PenLine, Radio } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import type { BotVersion } from "@/shared/api/inside";
import { useFormat } from "@/shared/i18n/use-format";
import { Badge, Button } from "@/shared/ui";
import { Menu, MenuItem } from "@/shared/ui/menu";

interface RowProps {
  to: string;
  name: string;
  isCurrent: boolean;
  badge?: ReactNode;
  note?: string;
  when?: string;
  children?: ReactNode;
}

/** The whole row leads to what it differs in; its name is the link. */
function Row({ to, name, isCurrent, badge, note, when, children }: RowProps) {
  return (
    <li
      className={`relative flex items-start gap-2 rounded-lg border px-4 py-3 transition-colors duration-150 ${isCurrent ? "border-accent bg-accent-soft/40" : "border-line bg-surface hover:border-line-strong"}`}
    >
      <div className="min-w-0 grow">
        <p className="flex flex-wrap items-center gap-2">
          <Link
            to={to}
            replace
            preventScrollReset
            aria-current={isCurrent ? "true" : undefined}
            className="font-medium text-ink no-underline after:absolute after:inset-0 after:rounded-lg"
          >
            {name}
          </Link>
          {badge}
        </p>
        {note && <p className="mt-0.5 text-sm text-soft">{note}</p>}
        {when && <p className="mt-1 text-xs text-faint">{when}</p>}
      </div>
      {children && <div className="relative -me-2">{children}</div>}
    </li>
  );
}

interface DraftRowProps {
  to: string;
  isCurrent: boolean;
  count: number;
}

export function DraftRow({ to, isCurrent, count }: DraftRowProps) {
  const { t } = useTranslation("configure");
  return (
    <Row
      to={to}
      name={t("draft")}
      isCurrent={isCurrent}
      badge={count > 0 && <Badge tone="warning">{t("changes_count", { count })}</Badge>}
      note={t("draft_note")}
    />
  );
}

interface VersionRowProps {
  version: BotVersion;
  published: number | null;
  to: string;
  isCurrent: boolean;
  /** Absent for those who only look. */
  deeds?: { publish: () => void; restore: () => void };
}

export function VersionRow({ version, published, to, isCurrent, deeds }: VersionRowProps) {
  const { t } = useTranslation("configure");
  const format = useFormat();
  const { number, note, created_at, created_by } = version;
  const when = format.moment(created_at);
  const isLive = number === published;
  const isOlder = published !== null && number < published;
  return (
    <Row
      to={to}
      name={t("version", { version: number })}
      isCurrent={isCurrent}
      badge={isLive && <Badge tone="success">{t("live")}</Badge>}
      note={note}
      when={created_by?.name ? t("version_by", { when, name: created_by.name }) : when}
    >
      {deeds && (
        <Menu
          aria-label={t("version_deeds", { version: number })}
          disabledKeys={isLive ? ["publish"] : []}
          trigger={
            <Button
              variant="quiet"
              size="icon"
              aria-label={t("version_deeds", { version: number })}
            >
              <Ellipsis aria-hidden className="size-4" />
            </Button>
          }
        >
          <MenuItem
            id="publish"
            icon={<Radio aria-hidden className="size-4" />}
            onAction={deeds.publish}
          >
            {isOlder ? t("roll_back") : t("publish")}
          </MenuItem>
          <MenuItem icon={<PenLine aria-hidden className="size-4" />} onAction={deeds.restore}>
            {t("restore")}
          </MenuItem>
        </Menu>
      )}
    </Row>
  );
}
