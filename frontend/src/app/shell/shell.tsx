import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useSelector } from "react-redux";
import { Outlet, useLocation, useNavigate, useNavigation } from "react-router";
import { paths } from "@/shared/paths";
import { selectStatus, type WithSession } from "@/shared/session";
import { Toasts } from "../toasts";
import { Sidebar } from "./sidebar";
import { TopBar } from "./top-bar";

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

/** Whoever is logged out, here or in another tab, is shown the log-in. */
function useLeaving() {
  const status = useSelector((state: WithSession) => selectStatus(state));
  const navigate = useNavigate();
  useEffect(() => {
    if (status === "anonymous") void navigate(paths.login, { replace: true });
  }, [status, navigate]);
  return status === "active";
}

export function Shell() {
  const { t } = useTranslation();
  const main = useFreshScreens();
  const isGoing = useNavigation().state !== "idle";
  if (!useLeaving()) return null;
  return (
    <div className="min-h-dvh lg:ps-60">
      <a
        href="#main"
        className="fixed start-3 top-3 z-50 -translate-y-20 rounded-md bg-accent px-4 py-2 font-medium text-accent-ink focus:translate-y-0"
      >
        {t("skip_to_content")}
      </a>
      <aside className="fixed inset-y-0 start-0 hidden w-60 border-e border-line bg-surface lg:block">
        <Sidebar />
      </aside>
      <TopBar />
      <main ref={main} id="main" tabIndex={-1} aria-busy={isGoing} className="outline-none">
        <Outlet />
      </main>
      <Toasts />
    </div>
  );
}
