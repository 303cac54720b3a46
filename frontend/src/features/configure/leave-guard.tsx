import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useBlocker } from "react-router";
import { Button } from "@/shared/ui";
import { Dialog, DialogActions } from "@/shared/ui/dialog";

interface LeaveGuardProps {
  isDirty: boolean;
  isSaving: boolean;
  save: () => Promise<boolean>;
}

function useClosingGuard(isDirty: boolean) {
  useEffect(() => {
    if (!isDirty) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [isDirty]);
}

/** Nobody loses what they wrote by a click beside it. */
export function LeaveGuard({ isDirty, isSaving, save }: LeaveGuardProps) {
  const { t } = useTranslation("configure");
  useClosingGuard(isDirty);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      isDirty && currentLocation.pathname !== nextLocation.pathname,
  );
  if (blocker.state !== "blocked") return null;
  const saveAndLeave = async () => {
    if (await save()) blocker.proceed();
    else blocker.reset();
  };
  return (
    <Dialog isOpen isAlert size="md" title={t("leave_title")} onClose={blocker.reset}>
      <p className="text-soft">{t("leave_text")}</p>
      <DialogActions>
        <Button variant="quiet" onPress={blocker.reset}>
          {t("leave_stay")}
        </Button>
        <Button variant="secondary" onPress={blocker.proceed}>
          {t("leave_discard")}
        </Button>
        <Button autoFocus isPending={isSaving} onPress={() => void saveAndLeave()}>
          {t("leave_save")}
        </Button>
      </DialogActions>
    </Dialog>
  );
}
