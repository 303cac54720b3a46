import { useCallback, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Message } from "@/shared/api/inside";

const isUnderWay = ({ role, status }: Message) =>
  role === "assistant" && (status === "pending" || status === "streaming");

/** What is read out of an answer that has ended. */
function useSpoken(): (message: Message) => string {
  const { t } = useTranslation("chat");
  return useCallback(
    ({ status, content, error }) => {
      if (status === "failed") {
        return t("announced_failed", { detail: error?.detail ?? t("failed_unknown") });
      }
      const text = content.replace(/\s?\[\d+\]/g, "");
      return t(status === "stopped" ? "announced_stopped" : "announced", { text });
    },
    [t],
  );
}

/** An answer is read out once, when it is finished; not word by word, and not when it was there before. */
export function AnswerAnnouncer({ newest }: { newest: Message | undefined }) {
  const spoken = useSpoken();
  const [said, setSaid] = useState("");
  const awaited = useRef(false);
  useEffect(() => {
    if (!newest) return;
    if (isUnderWay(newest)) {
      awaited.current = true;
      setSaid("");
    } else if (awaited.current && newest.role === "assistant") {
      awaited.current = false;
      setSaid(spoken(newest));
    }
  }, [newest, spoken]);
  return (
    <div aria-live="polite" className="sr-only">
      {said}
    </div>
  );
}
