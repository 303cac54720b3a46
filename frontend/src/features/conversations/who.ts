import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Who } from "@/shared/api/inside";
import { useSession } from "@/shared/session";

/** Who began a conversation, in words. */
export function useWhoText(): (who: Who | null) => string {
  const { t } = useTranslation("conversations");
  const { user } = useSession();
  const myId = user?.id;
  return useCallback(
    (who) => {
      if (!who) return t("who_unknown");
      if (who.id === myId) return t("who_me");
      return who.name ?? t(`who_${who.kind}`);
    },
    [t, myId],
  );
}
