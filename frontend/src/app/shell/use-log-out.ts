import { useTranslation } from "react-i18next";
import { useDispatch } from "react-redux";
import { useLogoutMutation } from "@/shared/api/entrance";
import { sessionEnded, tellTabs } from "@/shared/session";
import { notify } from "@/shared/ui/toast";
import { settleDeletions } from "@/shared/undo";
import { useProblemText } from "@/shared/use-problem-text";

export function useLogOut(): () => Promise<void> {
  const dispatch = useDispatch();
  const { t } = useTranslation();
  const textOf = useProblemText();
  const [logOut] = useLogoutMutation();
  return async () => {
    await settleDeletions(); // as long as there is a session to send them with
    const { error } = await logOut();
    if (error) return void notify.error(t("log_out_failed"), { description: textOf(error) });
    dispatch(sessionEnded());
    tellTabs("session-ended");
  };
}
