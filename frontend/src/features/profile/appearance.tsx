import { useTranslation } from "react-i18next";
import { changeLocale, type Locale, locales } from "@/shared/i18n";
import { chooseTheme, type Theme, useTheme } from "@/shared/theme";
import { Card } from "@/shared/ui";
import { Section } from "@/shared/ui/section";
import { Select } from "@/shared/ui/select";

const THEMES = ["light", "dark", "system"] as const satisfies readonly Theme[];

/** Kept in this browser: another device may be used in another light. */
export function Appearance() {
  const { t, i18n } = useTranslation(["profile", "common"]);
  const { theme } = useTheme();
  return (
    <Section title={t("appearance")} lead={t("appearance_lead")}>
      <Card className="grid gap-5 p-5 sm:grid-cols-2">
        <Select
          label={t("common:theme")}
          choices={THEMES.map((id) => ({ id, name: t(`common:theme_${id}`) }))}
          value={theme}
          onChange={chooseTheme}
        />
        <Select
          label={t("common:language")}
          choices={locales}
          value={i18n.language as Locale}
          onChange={(locale) => void changeLocale(locale)}
        />
      </Card>
    </Section>
  );
}
