import "./toasts.css";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { directionOf } from "@/shared/i18n";
import { useTheme } from "@/shared/theme";

const Toaster = lazy(() => import("sonner").then(({ Toaster: Loaded }) => ({ default: Loaded })));

/** Fetched beside the screen: there is nothing to say before. */
export function Toasts() {
  const { t, i18n } = useTranslation();
  const { shown } = useTheme();
  return (
    <Suspense>
      <Toaster
        theme={shown}
        dir={directionOf(i18n.language)}
        closeButton
        containerAriaLabel={t("notifications")}
        toastOptions={{ closeButtonAriaLabel: t("close") }}
      />
    </Suspense>
  );
}
