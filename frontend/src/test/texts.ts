import { loadTexts, startI18n } from "@/shared/i18n";

/** The English texts of every feature, as the screens have them when they are shown. */
export async function startTexts(): Promise<void> {
  await startI18n();
  const files = Object.keys(import.meta.glob("../locales/en/*.json"));
  await loadTexts(...files.map((file) => file.replace(/^.*\/(.*)\.json$/, "$1")));
}
