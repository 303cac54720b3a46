import "./toasts.css";
import { lazy, Suspense } from "react";
import { useTranslation } from "react-i18next";
import { directionOf } from "@/shared/i18n";
import { useTheme } from "@/shared/theme";
import { useMediaQuery } from "@/shared/use-media-query";

const Toaster = lazy(() => import("sonner").then(({ Toaster: Loaded }) => ({ default: Loaded })));

/** Fetched beside the screen: there is nothing to say before. On a phone dialogs are at the foot, so they are above. */
export function Toasts() {
  const { t, i18n } = useTranslation();
  const { shown } = useTheme();
  const isWide = useMediaQuery("(min-width: 40rem)");
  return (
    <Suspense>
      <Toaster
        theme={shown}
        dir={directionOf(i18n.language)}
        position={isWide ? "bottom-right" : "top-center"}
        mobileOffset={{ top: "4.25rem" }}
        closeButton
        containerAriaLabel={t("notifications")}
        toastOptions={{ closeButtonAriaLabel: t("close") }}
      />
    </Suspense>
  );
}
