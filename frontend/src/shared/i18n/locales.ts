/** Every language the dashboard may speak, in its own name; those with files in src/locales are offered. */
const NAMES = {
  en: "English",
  de: "Deutsch",
  fr: "Français",
  es: "Español",
  pt: "Português",
  it: "Italiano",
  nl: "Nederlands",
  ja: "日本語",
  zh: "中文",
  ar: "العربية",
  he: "עברית",
  fa: "فارسی",
} as const;

export type Locale = keyof typeof NAMES;

const RIGHT_TO_LEFT: readonly string[] = ["ar", "he", "fa"];
const KEPT = "chatsphere-locale";

const files = import.meta.glob<{ default: Record<string, string> }>("../../locales/*/*.json");
const fileOf = (locale: string, feature: string) => `../../locales/${locale}/${feature}.json`;

export const locales = (Object.keys(NAMES) as Locale[])
  .filter((id) => fileOf(id, "common") in files)
  .map((id) => ({ id, name: NAMES[id] }));

export const directionOf = (locale: string): "ltr" | "rtl" =>
  RIGHT_TO_LEFT.includes(locale) ? "rtl" : "ltr";

/** The texts of a feature; rejects where there are none. */
export async function textsOf(locale: string, feature: string): Promise<Record<string, string>> {
  const load = files[fileOf(locale, feature)];
  if (!load) throw new Error(`no texts of ${feature} in ${locale}`);
  return (await load()).default;
}

/** What was chosen, else the first of the browser's languages that we speak, else English. */
export function firstLocale(): Locale {
  const wanted = [localStorage.getItem(KEPT) ?? "", ...navigator.languages];
  const plain = wanted.map((tag) => tag.split("-")[0]);
  return (
    locales.find(({ id }) => id === plain.find((tag) => locales.some((l) => l.id === tag)))?.id ??
    "en"
  );
}

export const keepLocale = (locale: string): void => localStorage.setItem(KEPT, locale);
