const MARKS = /[\u061c\u200e\u200f]/g; // of the direction; they come with a minus

/** Numbers as a language writes them, without marks between the thousands: those would be ambiguous. */
export function notationOf(locale: string) {
  const written = new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 9 });
  const digits = Array.from({ length: 10 }, (_, digit) => written.format(digit));
  const signOf = (type: "decimal" | "group") =>
    new Intl.NumberFormat(locale).formatToParts(12345.6).find((part) => part.type === type)?.value;
  const [point, group] = [signOf("decimal"), signOf("group")];
  const plain = (sign: string): string => {
    if (sign === point) return ".";
    if (sign === group) return "?"; // "1.500" is not 1.5 where a point divides the thousands
    const digit = digits.indexOf(sign);
    return digit < 0 ? sign.replace("\u2212", "-") : String(digit);
  };
  return {
    format: (value: number): string => (Number.isNaN(value) ? "" : written.format(value)),
    /** NaN: no number. */
    parse: (text: string): number => {
      const number = Array.from(text.replace(MARKS, "").trim(), plain).join("");
      return /^-?(?:\d+\.?\d*|\.\d+)$/.test(number) ? Number(number) : Number.NaN;
    },
  };
}
