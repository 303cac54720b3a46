import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";
import { ChangesView } from "./changes-view";
import type { Setting } from "./schema";
import type { Editing } from "./use-editing";
import { changesOf, valuesOf } from "./values";

/** Somebody else saved first: what they did, and whose word counts where both changed the same. */
export function ConflictDialog({ editing, settings }: { editing: Editing; settings: Setting[] }) {
  const { t } = useTranslation(["configure", "common"]);
  const { base, conflict, edits, keepMine, discard, reconsider } = editing;
  if (!conflict) return null;
  const theirs = changesOf(settings, valuesOf(base.bot), valuesOf(conflict.bot));
  const isDisputed = theirs.some(({ setting }) => setting.pointer in edits);
  return (
    <Dialog isOpen isAlert size="md" title={t("conflict_title")} onClose={reconsider}>
      <div className="flex flex-col gap-5">
        <p className="text-soft">{isDisputed ? t("conflict_same") : t("conflict_elsewhere")}</p>
        {theirs.length > 0 && (
          <section aria-label={t("conflict_theirs")} className="flex flex-col gap-3">
            <h3 className="text-sm font-semibold">{t("conflict_theirs")}</h3>
            <ChangesView changes={theirs} />
          </section>
        )}
      </div>
      <DialogActions>
        <Button variant="quiet" onPress={reconsider}>
          {t("conflict_later")}
        </Button>
        <Button variant="secondary" onPress={discard}>
          {t("conflict_take_theirs")}
        </Button>
        <Button onPress={keepMine}>{t("conflict_keep_mine")}</Button>
      </DialogActions>
    </Dialog>
  );
}
