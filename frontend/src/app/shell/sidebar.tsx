import { Bot, Building2, House, Keyboard, type LucideIcon, Search } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { useGetBotQuery } from "@/shared/api/inside";
import { paths } from "@/shared/paths";
import { useRecentBots } from "@/shared/recent-bots";
import { useSession } from "@/shared/session";
import { PlainButton } from "@/shared/ui/button";
import { Brand } from "./brand";
import { Keys } from "./keys";
import { useShortcutsOn } from "./shortcuts";

const rowStyles =
  "flex min-h-11 w-full items-center gap-3 rounded-md px-3 text-sm font-medium text-soft no-underline transition-colors duration-150 hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-soft-ink lg:min-h-9";

interface PlaceProps {
  to: string;
  isExact?: boolean;
  icon: ReactNode;
  children: ReactNode;
}

function Place({ to, isExact, icon, children }: PlaceProps) {
  return (
    <li>
      <NavLink to={to} end={isExact} className={rowStyles}>
        {icon}
        <span className="min-w-0 truncate">{children}</span>
      </NavLink>
    </li>
  );
}

const iconOf = (Icon: LucideIcon) => <Icon aria-hidden className="size-4.5 shrink-0" />;

const initial = (name: string) => (Array.from(name)[0] ?? "").toLocaleUpperCase();

/** A bot that was used last; one that cannot be had is left out. */
function RecentBot({ botId }: { botId: string }) {
  const { data: bot, isError } = useGetBotQuery({ botId });
  if (isError) return null;
  if (!bot) {
    return (
      <li className={rowStyles}>
        <span className="size-5 shrink-0 animate-breathe rounded-sm bg-hover" />
        <span className="h-4 w-28 animate-breathe rounded-sm bg-hover" />
      </li>
    );
  }
  return (
    <Place
      to={paths.bot(botId)}
      icon={
        <span
          aria-hidden
          className="grid size-5 shrink-0 place-items-center rounded-sm bg-accent-soft text-xs font-semibold text-accent-soft-ink"
        >
          {initial(bot.name)}
        </span>
      }
    >
      {bot.name}
    </Place>
  );
}

function RecentBots() {
  const { t } = useTranslation("shell");
  const recent = useRecentBots();
  if (recent.length === 0) return null;
  return (
    <>
      <h2 id="recent-bots" className="mt-6 mb-1 px-3 text-xs font-medium text-faint">
        {t("recent_bots")}
      </h2>
      <ul aria-labelledby="recent-bots" className="flex flex-col gap-0.5">
        {recent.map((id) => (
          <RecentBot key={id} botId={id} />
        ))}
      </ul>
    </>
  );
}

interface DeedProps {
  icon: LucideIcon;
  keys: string[];
  onPress: () => void;
  className?: string;
  children: string;
}

function Deed(props: DeedProps) {
  const on = useShortcutsOn();
  return (
    <PlainButton
      onPress={props.onPress}
      className={`${rowStyles} cursor-pointer ${props.className ?? ""}`}
    >
      {iconOf(props.icon)}
      <span className="grow text-start">{props.children}</span>
      {on && (
        <span aria-hidden className="hidden lg:block">
          <Keys keys={props.keys} />
        </span>
      )}
    </PlainButton>
  );
}

export interface SidebarProps {
  onPalette: () => void;
  onHelp: () => void;
}

/** Where one can go; beside the content on a desktop, in a drawer on a phone. */
export function Sidebar({ onPalette, onHelp }: SidebarProps) {
  const { t } = useTranslation(["shell", "common"]);
  const { workspace } = useSession();
  return (
    <div className="flex h-full flex-col gap-6 p-4">
      <div className="px-2 pt-1">
        <Brand />
      </div>
      <nav aria-label={t("common:main_navigation")} className="min-h-0 grow overflow-y-auto">
        <ul className="flex flex-col gap-0.5">
          <Place to={paths.home} isExact icon={iconOf(House)}>
            {t("common:home")}
          </Place>
          <Place to={paths.bots} isExact icon={iconOf(Bot)}>
            {t("common:bots")}
          </Place>
          {workspace && (
            <Place to={paths.workspace} icon={iconOf(Building2)}>
              {t("workspace")}
            </Place>
          )}
        </ul>
        <RecentBots />
      </nav>
      <div className="border-t border-line pt-3">
        <Deed icon={Search} keys={["Mod", "K"]} onPress={onPalette}>
          {t("search")}
        </Deed>
        <Deed icon={Keyboard} keys={["?"]} onPress={onHelp} className="max-sm:hidden">
          {t("shortcuts")}
        </Deed>
      </div>
    </div>
  );
}
