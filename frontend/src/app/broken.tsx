import { useTranslation } from "react-i18next";
import { Button } from "@/shared/ui";

/** A screen that failed, or a part of a version that is gone since we were updated: loading anew mends both. */
export function Broken() {
  const { t } = useTranslation();
  return (
    <div role="alert" className="mx-auto flex max-w-xl flex-col items-start gap-4 px-6 py-16">
      <h1 className="text-xl font-semibold">{t("broken_title")}</h1>
      <p className="text-soft">{t("broken_detail")}</p>
      <Button onPress={() => location.reload()}>{t("try_again")}</Button>
    </div>
  );
}
