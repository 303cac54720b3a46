import { Copy, Download, Ellipsis, Trash2 } from "lucide-react";
import { lazy, Suspense, useState } from "react";
import { useTranslation } from "react-i18next";
import { saveFile } from "@/shared/api/download";
import type { Bot } from "@/shared/api/inside";
import { useSession } from "@/shared/session";
import { Button } from "@/shared/ui";
import { Menu, MenuItem, MenuSeparator } from "@/shared/ui/menu";
import { notify } from "@/shared/ui/toast";
import { useUndoableDelete } from "@/shared/undo";
import { fileNameOf, fileOf } from "./bot-file";

const CloneDialog = lazy(() => import("./clone-dialog").then((m) => ({ default: m.CloneDialog })));

const icon = "size-4";

function useDeeds(bot: Bot) {
  const { t } = useTranslation("bots");
  const { remove } = useUndoableDelete();
  const { id, name } = bot;
  return {
    exportIt: () => {
      saveFile(fileOf(bot), fileNameOf(bot));
      notify.success(t("exported", { name }), { description: t("documents_stay") });
    },
    remove: () => remove({ items: [{ id, name, path: `/api/v1/bots/${id}` }], tags: ["Bots"] }),
  };
}

/** What can be done with a bot from afar. */
export function BotMenu({ bot }: { bot: Bot }) {
  const { t } = useTranslation("bots");
  const [isCloning, setCloning] = useState(false);
  const { may } = useSession();
  const { exportIt, remove } = useDeeds(bot);
  if (!may("editor")) return null;
  const label = t("deeds", { name: bot.name });
  return (
    <>
      <Menu
        aria-label={label}
        trigger={
          <Button variant="quiet" size="icon" aria-label={label}>
            <Ellipsis aria-hidden className={icon} />
          </Button>
        }
      >
        <MenuItem icon={<Copy aria-hidden className={icon} />} onAction={() => setCloning(true)}>
          {t("clone")}
        </MenuItem>
        <MenuItem icon={<Download aria-hidden className={icon} />} onAction={exportIt}>
          {t("export")}
        </MenuItem>
        <MenuSeparator />
        <MenuItem isDanger icon={<Trash2 aria-hidden className={icon} />} onAction={remove}>
          {t("delete")}
        </MenuItem>
      </Menu>
      {isCloning && (
        <Suspense>
          <CloneDialog bot={bot} onClose={() => setCloning(false)} />
        </Suspense>
      )}
    </>
  );
}
