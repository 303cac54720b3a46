import { useCallback, useState } from "react";
import { useSession } from "@/shared/session";

const MOST = 8;

function kept(key: string): string[] {
  try {
    const read: unknown = JSON.parse(sessionStorage.getItem(key) ?? "[]");
    return Array.isArray(read) ? read.filter((one) => typeof one === "string") : [];
  } catch {
    return [];
  }
}

/** The last questions to a bot, newest first; they end with the tab, for they may tell much. */
export function useQuestions(botId: string) {
  const { user } = useSession();
  const key = user ? `chatsphere-questions:${user.id}:${botId}` : null;
  const [, setCount] = useState(0);
  const remember = useCallback(
    (question: string) => {
      if (key === null) return;
      const others = kept(key).filter((one) => one !== question);
      sessionStorage.setItem(key, JSON.stringify([question, ...others].slice(0, MOST)));
      setCount((count) => count + 1);
    },
    [key],
  );
  return { questions: key === null ? [] : kept(key), remember };
}
