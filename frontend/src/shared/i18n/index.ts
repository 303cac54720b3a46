import i18next, { type BackendModule, type FormatterModule } from "i18next";
import { initReactI18next } from "react-i18next";
import { directionOf, firstLocale, keepLocale, textsOf } from "./locales";

export { directionOf, type Locale, locales } from "./locales";

/** A language's texts come by feature, with the screens that show them. */
const backend: BackendModule = {
  type: "backend",
  init: () => undefined,
  read: (locale, feature, done) => {
    textsOf(locale, feature).then(
      (texts) => done(null, texts),
      (error: Error) => done(error, null),
    );
  },
};

/** Numbers in texts are written as the language writes them: Persian has digits of its own. */
const formatter: FormatterModule = {
  type: "formatter",
  init: () => undefined,
  add: () => undefined,
  addCached: () => undefined,
  format: (value: unknown, _format, locale) =>
    typeof value === "number" ? new Intl.NumberFormat(locale).format(value) : String(value),
};

function show(locale: string): void {
  document.documentElement.lang = locale;
  document.documentElement.dir = directionOf(locale);
}

export async function startI18n(): Promise<void> {
  i18next.on("languageChanged", show);
  await i18next
    .use(backend)
    .use(formatter)
    .use(initReactI18next)
    .init({
      lng: firstLocale(),
      fallbackLng: "en",
      ns: ["common"],
      defaultNS: "common",
      keySeparator: false,
      nsSeparator: ":",
      interpolation: { escapeValue: false, alwaysFormat: true },
      react: { useSuspense: true },
    });
}

export const loadTexts = (...features: string[]): Promise<void> => i18next.loadNamespaces(features);

export async function changeLocale(locale: string): Promise<void> {
  keepLocale(locale);
  await i18next.changeLanguage(locale);
}
