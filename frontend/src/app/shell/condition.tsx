import { CloudOff, RefreshCw } from "lucide-react";
import { useEffect, useState, useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";

const ASK_AGAIN_MS = 10 * 60_000;

function subscribe(listener: () => void): () => void {
  for (const name of ["online", "offline"]) window.addEventListener(name, listener);
  return () => {
    for (const name of ["online", "offline"]) window.removeEventListener(name, listener);
  };
}

/** Whether another build is served than the one that runs here: its first page names another script. */
async function isOutdated(): Promise<boolean> {
  const ours = document.querySelector("script[type=module][src]")?.getAttribute("src");
  const page = await fetch("/", { headers: { Accept: "text/html" }, cache: "no-store" });
  return Boolean(ours && page.ok && !(await page.text()).includes(ours));
}

/** Asked when somebody comes back to this tab, and known at once where a part of this build is gone. */
function useOutdated(): boolean {
  const [is, set] = useState(false);
  useEffect(() => {
    let asked = Date.now();
    const ask = () => {
      if (document.hidden || Date.now() - asked < ASK_AGAIN_MS) return;
      asked = Date.now();
      void isOutdated().then(set, () => undefined);
    };
    const onLost = () => void isOutdated().then(set, () => undefined);
    document.addEventListener("visibilitychange", ask);
    window.addEventListener("vite:preloadError", onLost);
    return () => {
      document.removeEventListener("visibilitychange", ask);
      window.removeEventListener("vite:preloadError", onLost);
    };
  }, []);
  return is;
}

/** What stands in the way of working, in the top bar: it comes and goes without moving anything. */
export function Condition() {
  const { t } = useTranslation("shell");
  const isOnline = useSyncExternalStore(subscribe, () => navigator.onLine);
  const outdated = useOutdated();
  return (
    <div role="status" className="flex min-w-0 items-center gap-2">
      {!isOnline && (
        <span className="flex min-h-7 items-center gap-2 rounded-full bg-warning-soft px-3 text-xs font-medium text-warning-soft-ink">
          <CloudOff aria-hidden className="size-4" />
          {t("offline")}
          <span className="max-md:sr-only">{t("offline_detail")}</span>
        </span>
      )}
      {outdated && (
        <Button size="sm" variant="secondary" onPress={() => location.reload()}>
          <RefreshCw aria-hidden className="size-4" />
          <span className="max-md:sr-only">{t("outdated")}</span>
          {t("reload")}
        </Button>
      )}
    </div>
  );
}
