import { Bot, House, type LucideIcon } from "lucide-react";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";
import { paths } from "@/shared/paths";
import { Brand } from "./brand";

function Place({ to, icon: Icon, name }: { to: string; icon: LucideIcon; name: string }) {
  return (
    <li>
      <NavLink
        to={to}
        end={to === paths.home}
        className="flex min-h-9 items-center gap-3 rounded-md px-3 text-sm font-medium text-soft no-underline transition-colors duration-150 hover:bg-hover hover:text-ink aria-[current=page]:bg-accent-soft aria-[current=page]:text-accent-soft-ink"
      >
        <Icon aria-hidden className="size-4.5" />
        {name}
      </NavLink>
    </li>
  );
}

/** Where one can go; beside the content on a desktop, in a drawer on a phone. */
export function Sidebar() {
  const { t } = useTranslation();
  return (
    <div className="flex h-full flex-col gap-6 p-4">
      <div className="px-2 pt-1">
        <Brand />
      </div>
      <nav aria-label={t("main_navigation")} className="grow overflow-y-auto">
        <ul className="flex flex-col gap-0.5">
          <Place to={paths.home} icon={House} name={t("home")} />
          <Place to={paths.bots} icon={Bot} name={t("bots")} />
        </ul>
      </nav>
    </div>
  );
}
