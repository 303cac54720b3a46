import {
  Activity,
  Bot,
  Building2,
  FileText,
  FlaskConical,
  House,
  Keyboard,
  KeyRound,
  Languages,
  LayoutDashboard,
  LogOut,
  type LucideIcon,
  MessageSquareText,
  MessagesSquare,
  Plus,
  ScrollText,
  Settings2,
  SunMoon,
  UserRound,
  UsersRound,
} from "lucide-react";
import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { useNavigate } from "react-router";
import { useAllBotsQuery } from "@/features/bots/all-bots";
import { changeLocale, locales } from "@/shared/i18n";
import { paths } from "@/shared/paths";
import { type Role, useSession, workspaceChosen } from "@/shared/session";
import { chooseTheme, useTheme } from "@/shared/theme";
import { useLogOut } from "./use-log-out";
import { useBotId } from "./use-places";

export interface Command {
  id: string;
  name: string;
  icon: LucideIcon;
  run: () => void;
}

export interface CommandGroup {
  id: "this_bot" | "go_to" | "bots" | "deeds" | "workspaces" | "look";
  commands: Command[];
}

const PLACES = [
  { id: "home", to: paths.home, icon: House, least: "viewer" },
  { id: "bots", to: paths.bots, icon: Bot, least: "viewer" },
  { id: "workspace", to: paths.workspace, icon: Building2, least: "viewer" },
  { id: "members", to: paths.members, icon: UsersRound, least: "viewer" },
  { id: "api_keys", to: paths.apiKeys, icon: KeyRound, least: "admin" },
  { id: "usage", to: paths.usage, icon: Activity, least: "editor" },
  { id: "audit", to: paths.audit, icon: ScrollText, least: "admin" },
  { id: "profile", to: paths.profile, icon: UserRound, least: "viewer" },
] as const satisfies readonly { id: string; to: string; icon: LucideIcon; least: Role }[];

const PARTS = [
  { id: "overview", to: paths.bot, icon: LayoutDashboard },
  { id: "playground", to: paths.playground, icon: MessageSquareText },
  { id: "knowledge", to: paths.knowledge, icon: FileText },
  { id: "conversations", to: paths.conversations, icon: MessagesSquare },
  { id: "retrieval", to: paths.retrieval, icon: FlaskConical },
  { id: "configure", to: paths.configure, icon: Settings2 },
] as const;

function usePlaces(): CommandGroup[] {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const botId = useBotId();
  const { may } = useSession();
  const { data: bots = [] } = useAllBotsQuery();
  const command = (id: string, name: string, icon: LucideIcon, to: string): Command => ({
    id,
    name,
    icon,
    run: () => void navigate(to),
  });
  const parts = botId
    ? PARTS.map(({ id, to, icon }) => command(`part-${id}`, t(`part_${id}`), icon, to(botId)))
    : [];
  return [
    { id: "this_bot", commands: parts },
    {
      id: "go_to",
      commands: PLACES.filter(({ least }) => may(least)).map(({ id, to, icon }) =>
        command(id, t(`place_${id}`), icon, to),
      ),
    },
    { id: "bots", commands: bots.map(({ id, name }) => command(id, name, Bot, paths.bot(id))) },
  ];
}

function useWorkspaces(): CommandGroup {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const dispatch = useDispatch();
  const { workspace, workspaces } = useSession();
  const others = workspaces.filter(({ id }) => id !== workspace?.id);
  const choose = (id: string) => {
    dispatch(workspaceChosen(id));
    void navigate(paths.home);
  };
  return {
    id: "workspaces",
    commands: others.map(({ id, name }) => ({
      id,
      name: t("switch_to", { name }),
      icon: Building2,
      run: () => choose(id),
    })),
  };
}

function useLook(): CommandGroup {
  const { t, i18n } = useTranslation(["shell", "common"]);
  const { theme } = useTheme();
  const themes = (["light", "dark", "system"] as const).filter((id) => id !== theme);
  const others = locales.filter(({ id }) => id !== i18n.language);
  return {
    id: "look",
    commands: [
      ...themes.map((id) => ({
        id: `theme-${id}`,
        name: t("theme_to", { theme: t(`common:theme_${id}`) }),
        icon: SunMoon,
        run: () => chooseTheme(id),
      })),
      ...others.map(({ id, name }) => ({
        id: `locale-${id}`,
        name: t("language_to", { language: name }),
        icon: Languages,
        run: () => void changeLocale(id),
      })),
    ],
  };
}

/** All that can be gone to and done from anywhere, by groups; what the role may not is left out. */
export function useCommands(onHelp: () => void): CommandGroup[] {
  const { t } = useTranslation(["shell", "common"]);
  const navigate = useNavigate();
  const { may } = useSession();
  const logOut = useLogOut();
  const create: Command = {
    id: "create-bot",
    name: t("create_bot"),
    icon: Plus,
    run: () => void navigate(paths.newBot),
  };
  const deeds: Command[] = [
    ...(may("editor") ? [create] : []),
    { id: "help", name: t("shortcuts"), icon: Keyboard, run: onHelp },
    { id: "log-out", name: t("common:log_out"), icon: LogOut, run: () => void logOut() },
  ];
  const groups = [...usePlaces(), { id: "deeds" as const, commands: deeds }];
  return [...groups, useWorkspaces(), useLook()].filter(({ commands }) => commands.length > 0);
}
