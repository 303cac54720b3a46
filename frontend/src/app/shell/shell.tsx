import "../inside.css";
import { lazy, Suspense, useCallback, useEffect, useRef, useState } from "react";
import { I18nProvider } from "react-aria-components/I18nProvider";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { Outlet, useLocation, useNavigate, useNavigation } from "react-router";
import { paths } from "@/shared/paths";
import { selectStatus, type WithSession } from "@/shared/session";
import { Loading, Skeleton } from "@/shared/ui";
import { settleDeletions } from "@/shared/undo";
import { beforeLeaving } from "../store";
import { Toasts } from "../toasts";
import { Expired } from "./expired";
import { useShortcuts } from "./shortcuts";
import { Sidebar } from "./sidebar";
import { TopBar } from "./top-bar";
import { useBotOfAnotherWorkspace } from "./use-places";

const Palette = lazy(() => import("./palette").then((m) => ({ default: m.Palette })));
const Help = lazy(() => import("./help").then((m) => ({ default: m.Help })));

beforeLeaving(() => void settleDeletions());

/** A new screen begins at its top, with the focus there, as a page that was loaded would. */
function useFreshScreens() {
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  const shown = useRef(pathname);
  useEffect(() => {
    if (shown.current === pathname) return;
    shown.current = pathname;
    window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname]);
  return main;
}

/** Whoever is logged out, here or in another tab, is shown the log-in; it leads back where a session ended by itself. */
function useLeaving() {
  const status = useSelector((state: WithSession) => selectStatus(state));
  const navigate = useNavigate();
  const { pathname, search } = useLocation();
  const before = useRef(status);
  useEffect(() => {
    const next =
      before.current === "expired" ? `?next=${encodeURIComponent(pathname + search)}` : "";
    before.current = status;
    if (status === "anonymous") void navigate(paths.login + next, { replace: true });
  }, [status, navigate, pathname, search]);
  return status !== "anonymous";
}

type Overlay = "palette" | "help" | null;

function useOverlays() {
  const [overlay, setOverlay] = useState<Overlay>(null);
  const onPalette = useCallback(() => setOverlay("palette"), []);
  const onHelp = useCallback(() => setOverlay("help"), []);
  const onClose = useCallback(() => setOverlay(null), []);
  useShortcuts({ onPalette, onHelp });
  const shown = (
    <Suspense>
      {overlay === "palette" && <Palette onClose={onClose} onHelp={onHelp} />}
      {overlay === "help" && <Help onClose={onClose} />}
    </Suspense>
  );
  return { onPalette, onHelp, shown };
}

function Screen() {
  const { t } = useTranslation();
  if (!useBotOfAnotherWorkspace()) return <Outlet />;
  return (
    <Loading label={t("loading")}>
      <div className="mx-auto w-full max-w-6xl px-4 py-6 sm:px-8 sm:py-8">
        <Skeleton className="h-9 w-64 max-w-full" />
        <Skeleton className="mt-8 h-40 w-full" />
      </div>
    </Loading>
  );
}

export function Shell() {
  const { t, i18n } = useTranslation();
  const main = useFreshScreens();
  const isGoing = useNavigation().state !== "idle";
  const { onPalette, onHelp, shown } = useOverlays();
  if (!useLeaving()) return null;
  return (
    <I18nProvider locale={i18n.language}>
      <div className="min-h-dvh lg:ps-60">
        <a
          href="#main"
          className="fixed start-3 top-3 z-50 -translate-y-20 rounded-md bg-accent px-4 py-2 font-medium text-accent-ink focus:translate-y-0"
        >
          {t("skip_to_content")}
        </a>
        <aside className="fixed inset-y-0 start-0 hidden w-60 border-e border-line bg-surface lg:block">
          <Sidebar onPalette={onPalette} onHelp={onHelp} />
        </aside>
        <TopBar onPalette={onPalette} onHelp={onHelp} />
        <main ref={main} id="main" tabIndex={-1} aria-busy={isGoing} className="outline-none">
          <Screen />
        </main>
        {shown}
        <Expired />
        <Toasts />
      </div>
    </I18nProvider>
  );
}
