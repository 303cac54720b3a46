/** The API counts code points; JavaScript counts UTF-16 units. One translates to the other. */
export interface CodePoints {
  /** The unit at which a code point begins; the text's end for what lies behind it. */
  toUnit: (codePoint: number) => number;
  /** The code point that stands at a unit. */
  toCodePoint: (unit: number) => number;
}

const STRIDE = 4096;
const PAIR = /[\uD800-\uDBFF][\uDC00-\uDFFF]/;

const sizeAt = (text: string, unit: number): number =>
  (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;

/** The unit of every STRIDE-th code point: what lies between is counted when it is asked for. */
function milestones(text: string): number[] {
  const units: number[] = [];
  for (let unit = 0, codePoint = 0; unit < text.length; codePoint++) {
    if (codePoint % STRIDE === 0) units.push(unit);
    unit += sizeAt(text, unit);
  }
  return units;
}

/** The last of the sorted numbers that is not larger. */
function lastUpTo(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}

const within = (value: number, most: number) => Math.min(Math.max(value, 0), most);

export function codePointsOf(text: string): CodePoints {
  if (!PAIR.test(text)) {
    const same = (place: number) => within(place, text.length);
    return { toUnit: same, toCodePoint: same };
  }
  const units = milestones(text);
  return {
    toUnit: (codePoint) => {
      const from = within(Math.floor(codePoint / STRIDE), units.length - 1);
      let unit = units[from] ?? 0;
      for (let left = codePoint - from * STRIDE; left > 0 && unit < text.length; left--) {
        unit += sizeAt(text, unit);
      }
      return unit;
    },
    toCodePoint: (unit) => {
      const from = lastUpTo(units, unit);
      let codePoint = from * STRIDE;
      for (let at = units[from] ?? 0; at < within(unit, text.length); codePoint++) {
        at += sizeAt(text, at);
      }
      return codePoint;
    },
  };
}
