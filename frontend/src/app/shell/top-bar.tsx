import { Menu as Lines } from "lucide-react";
import { useEffect, useState } from "react";
import { Dialog } from "react-aria-components/Dialog";
import { Modal, ModalOverlay } from "react-aria-components/Modal";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";
import { Button } from "@/shared/ui";
import { Sidebar } from "./sidebar";
import { UserMenu } from "./user-menu";
import { WorkspaceSwitcher } from "./workspace-switcher";

/** The sidebar on a phone. */
function Drawer({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      isDismissable
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      className="fixed inset-0 z-40 bg-veil lg:hidden"
    >
      <Modal className="h-full w-64 max-w-[85vw] border-e border-line bg-surface shadow-2">
        <Dialog aria-label={t("main_navigation")} className="h-full outline-none">
          <Sidebar />
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}

export function TopBar() {
  const { t } = useTranslation();
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
      <Drawer isOpen={isOpen} onClose={() => setOpen(false)} />
      <WorkspaceSwitcher />
      <div className="grow" />
      <UserMenu />
    </header>
  );
}
