import { Menu as Lines, Search } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { Button } from "@/shared/ui";
import { Overlay } from "@/shared/ui/overlay";
import { Condition } from "./condition";
import { Sidebar, type SidebarProps } from "./sidebar";
import { UserMenu } from "./user-menu";
import { WorkspaceSwitcher } from "./workspace-switcher";

/** The sidebar on a phone. */
interface DrawerProps extends SidebarProps {
  isOpen: boolean;
  onClose: () => void;
}

function Drawer({ isOpen, onClose, onPalette, onHelp }: DrawerProps) {
  const { t } = useTranslation();
  const instead = (deed: () => void) => () => {
    onClose();
    deed();
  };
  if (!isOpen) return null;
  return (
    <Overlay
      aria-label={t("main_navigation")}
      onClose={onClose}
      veil="lg:hidden"
      className="h-full w-64 max-w-[85vw] border-e border-line bg-surface shadow-2"
      inside="h-full"
    >
      <Sidebar onPalette={instead(onPalette)} onHelp={instead(onHelp)} />
    </Overlay>
  );
}

export function TopBar(deeds: SidebarProps) {
  const { t } = useTranslation(["common", "shell"]);
  const [isOpen, setOpen] = useState(false);
  const { key } = useLocation();
  // biome-ignore lint/correctness/useExhaustiveDependencies: a place was gone to, whichever it is
  useEffect(() => setOpen(false), [key]);
  return (
    <header className="sticky top-0 z-30 flex h-14 items-center gap-2 border-b border-line bg-surface/95 px-3 backdrop-blur sm:px-6">
      <Button
        variant="quiet"
        size="icon"
        aria-label={t("open_navigation")}
        className="lg:hidden"
        onPress={() => setOpen(true)}
      >
        <Lines aria-hidden className="size-5" />
      </Button>
      <Drawer {...deeds} isOpen={isOpen} onClose={() => setOpen(false)} />
      <WorkspaceSwitcher />
      <div className="grow" />
      <Condition />
      <Button
        variant="quiet"
        size="icon"
        aria-label={t("shell:search")}
        className="lg:hidden"
        onPress={deeds.onPalette}
      >
        <Search aria-hidden className="size-5" />
      </Button>
      <UserMenu />
    </header>
  );
}
