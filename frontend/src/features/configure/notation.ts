/** Numbers as a language writes them, without marks between the thousands: those would be ambiguous. */
export function notationOf(locale: string) {
  const written = new Intl.NumberFormat(locale, { useGrouping: false, maximumFractionDigits: 9 });
  const digits = Array.from({ length: 10 }, (_, digit) => written.format(digit));
  const point = written.formatToParts(1.5).find(({ type }) => type === "decimal")?.value ?? ".";
  const plain = (sign: string): string => {
    if (sign === point) return ".";
    if (sign === ".") return "?"; // not what divides a number here
    const digit = digits.indexOf(sign);
    return digit < 0 ? sign.replace("\u2212", "-") : String(digit);
  };
  return {
    format: (value: number): string => (Number.isNaN(value) ? "" : written.format(value)),
    /** NaN: no number. */
    parse: (text: string): number => {
      const number = Array.from(text.trim(), plain).join("");
      return /^-?(?:\d+\.?\d*|\.\d+)$/.test(number) ? Number(number) : Number.NaN;
    },
  };
}
