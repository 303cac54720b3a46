import { useMemo } from "react";
import { useTranslation } from "react-i18next";

const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

function relative(format: Intl.RelativeTimeFormat, iso: string, now: number): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  const [unit, length] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? ["second", 1];
  return format.format(Math.round(seconds / length), unit as Intl.RelativeTimeFormatUnit);
}

function bytes(locale: string, size: number): string {
  const power = size < 1000 ? 0 : Math.min(Math.floor(Math.log10(size) / 3), 3);
  const unit = ["byte", "kilobyte", "megabyte", "gigabyte"][power];
  const unitDisplay = power === 0 ? "long" : "short"; // "0 byte" would be English's short form
  const format = { style: "unit", unit, unitDisplay, maximumFractionDigits: 1 } as const;
  return new Intl.NumberFormat(locale, format).format(size / 1000 ** power);
}

/** Numbers, sizes and times as the language in use writes them. */
export function useFormat() {
  const locale = useTranslation().i18n.language;
  return useMemo(() => {
    const number = new Intl.NumberFormat(locale);
    const decimal = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
    const percent = new Intl.NumberFormat(locale, { style: "percent" });
    const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
    const moment = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
    const ago = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
    return {
      number: (value: number) => number.format(value),
      decimal: (value: number) => decimal.format(value),
      percent: (share: number) => percent.format(share),
      date: (iso: string) => date.format(new Date(iso)),
      moment: (iso: string) => moment.format(new Date(iso)),
      ago: (iso: string) => relative(ago, iso, Date.now()),
      bytes: (size: number) => bytes(locale, size),
    };
  }, [locale]);
}
