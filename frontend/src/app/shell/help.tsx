import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { Checkbox } from "@/shared/ui/checkbox";
import { Dialog } from "@/shared/ui/dialog";
import { Keys } from "./keys";
import { switchShortcuts, useShortcutsOn } from "./shortcuts";

const ROWS = [
  { id: "palette", keys: ["Mod", "K"] },
  { id: "help", keys: ["?"] },
  { id: "search", keys: ["/"] },
  { id: "home", keys: ["G", "H"] },
  { id: "bots", keys: ["G", "B"] },
  { id: "knowledge", keys: ["G", "K"] },
  { id: "conversations", keys: ["G", "C"] },
  { id: "usage", keys: ["G", "A"] },
  { id: "send", keys: ["Mod", "Enter"] },
  { id: "close", keys: ["Esc"] },
  { id: "toasts", keys: ["Alt", "T"] },
] as const;

/** Every key of the dashboard, and the switch that turns those off which are a single letter. */
export function Help({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation("shell");
  const on = useShortcutsOn();
  return (
    <Dialog isOpen title={t("help")} onClose={onClose}>
      <dl className="grid grid-cols-[1fr_auto] items-center gap-x-6 gap-y-2.5">
        {ROWS.map(({ id, keys }) => (
          <Fragment key={id}>
            <dt>{t(`key_${id}`)}</dt>
            <dd>
              <Keys keys={keys} />
            </dd>
          </Fragment>
        ))}
      </dl>
      <div className="mt-6 border-t border-line pt-4">
        <Checkbox isSelected={on} onChange={switchShortcuts} hint={t("shortcuts_on_hint")}>
          {t("shortcuts_on")}
        </Checkbox>
      </div>
    </Dialog>
  );
}
