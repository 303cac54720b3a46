import { LogOut, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { changeLocale, locales } from "@/shared/i18n";
import { paths } from "@/shared/paths";
import { useSession } from "@/shared/session";
import { chooseTheme, type Theme, useTheme } from "@/shared/theme";
import { Button } from "@/shared/ui";
import { Menu, MenuItem, MenuSection, MenuSeparator } from "@/shared/ui/menu";
import { useLogOut } from "./use-log-out";

const initials = (name: string): string =>
  name
    .split(/\s+/)
    .map((word) => word[0] ?? "")
    .slice(0, 2)
    .join("")
    .toLocaleUpperCase();

function ThemeSection() {
  const { t } = useTranslation();
  const { theme } = useTheme();
  const names: Record<Theme, string> = {
    light: t("theme_light"),
    dark: t("theme_dark"),
    system: t("theme_system"),
  };
  return (
    <MenuSection title={t("theme")} selectionMode="single" selectedKeys={[theme]}>
      {(Object.keys(names) as Theme[]).map((id) => (
        <MenuItem key={id} id={id} onAction={() => chooseTheme(id)}>
          {names[id]}
        </MenuItem>
      ))}
    </MenuSection>
  );
}

function LocaleSection() {
  const { t, i18n } = useTranslation();
  return (
    <MenuSection title={t("language")} selectionMode="single" selectedKeys={[i18n.language]}>
      {locales.map(({ id, name }) => (
        <MenuItem key={id} id={id} onAction={() => void changeLocale(id)}>
          {name}
        </MenuItem>
      ))}
    </MenuSection>
  );
}

export function UserMenu() {
  const { t } = useTranslation();
  const { user } = useSession();
  const logOut = useLogOut();
  const navigate = useNavigate();
  return (
    <Menu
      aria-label={t("account")}
      trigger={
        <Button variant="quiet" size="icon" aria-label={t("account")}>
          <span
            data-initials={initials(user?.full_name ?? "")}
            className="grid size-8 place-items-center rounded-full bg-accent-soft text-xs font-semibold text-accent-soft-ink before:content-[attr(data-initials)]"
          />
        </Button>
      }
    >
      <MenuItem
        icon={<UserRound aria-hidden className="size-4" />}
        onAction={() => void navigate(paths.profile)}
      >
        {t("profile")}
      </MenuItem>
      <MenuSeparator />
      <ThemeSection />
      <MenuSeparator />
      <LocaleSection />
      <MenuSeparator />
      <MenuItem icon={<LogOut aria-hidden className="size-4" />} onAction={() => void logOut()}>
        {t("log_out")}
      </MenuItem>
    </Menu>
  );
}
