// Booleans, days and timestamps among the bytes of a file. Days and times are those of the calendar, and nothing is looked at twice.

/** Tells whether the text is one of the two words. */
export function isBoolean(bytes: Uint8Array, from: number, to: number): boolean {
  return hasBytes(bytes, from, to, wordTrue) || hasBytes(bytes, from, to, wordFalse);
}

/** Tells whether the text is a day such as 2026-01-31. */
export function isDate(bytes: Uint8Array, from: number, to: number): boolean {
  return to - from === lengthOfDay && isDay(bytes, from);
}

/**
 * How a timestamp is written: what stands before the time, then `Z` or `+` for instants; `undefined` for what is no timestamp with
 * a year from 1000, at most six digits behind the second, and no offset but zero.
 */
export function timestampForm(bytes: Uint8Array, from: number, to: number): string | undefined {
  if (to - from < lengthOfSeconds || bytes[from] === zero || !isDay(bytes, from)) return undefined;
  if (!isTime(bytes, from + lengthOfDay + 1)) return undefined;
  const zone = zoneBehind(bytes, from + lengthOfSeconds, to);
  if (zone === undefined) return undefined;
  const separator = bytes[from + lengthOfDay];
  if (separator === letterT) return formsWithT[zone];
  return separator === space ? formsWithSpace[zone] : undefined;
}

/** Tells whether the range holds just these bytes. */
export function hasBytes(bytes: Uint8Array, from: number, to: number, wanted: Uint8Array): boolean {
  if (to - from !== wanted.length) return false;
  for (let index = 0; index < wanted.length; index += 1) if (bytes[from + index] !== wanted[index]) return false;
  return true;
}

const encoder = new TextEncoder();
const wordTrue = encoder.encode("true");
const wordFalse = encoder.encode("false");
const utc = encoder.encode("+00:00");
const lengthOfDay = "2026-01-01".length;
const lengthOfSeconds = "2026-01-01 00:00:00".length;
const [space, plus, dash, point, zero, colon, letterT, letterZ] = [32, 43, 45, 46, 48, 58, 84, 90] as const;
const daysOfMonths: readonly number[] = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

type Zone = "none" | "Z" | "+";
const formsWithT: Readonly<Record<Zone, string>> = { none: "T", Z: "TZ", "+": "T+" };
const formsWithSpace: Readonly<Record<Zone, string>> = { none: " ", Z: " Z", "+": " +" };

function isDay(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 4] !== dash || bytes[at + 7] !== dash) return false;
  const century = twoDigits(bytes, at);
  const years = twoDigits(bytes, at + 2);
  const month = twoDigits(bytes, at + 5);
  const day = twoDigits(bytes, at + 8);
  if (century < 0 || years < 0 || century + years === 0) return false;
  if (day < 1 || day > (daysOfMonths[month - 1] ?? 0)) return false;
  return month !== 2 || day < 29 || isLeap(century, years);
}

function isLeap(century: number, years: number): boolean {
  return years === 0 ? century % 4 === 0 : years % 4 === 0;
}

function isTime(bytes: Uint8Array, at: number): boolean {
  if (bytes[at + 2] !== colon || bytes[at + 5] !== colon) return false;
  return isBelow(bytes, at, 24) && isBelow(bytes, at + 3, 60) && isBelow(bytes, at + 6, 60);
}

function isBelow(bytes: Uint8Array, at: number, limit: number): boolean {
  const value = twoDigits(bytes, at);
  return value >= 0 && value < limit;
}

/** What stands behind the seconds, a fraction aside; `undefined` when it is anything else. */
function zoneBehind(bytes: Uint8Array, from: number, to: number): Zone | undefined {
  let at = from;
  if (bytes[at] === point && at < to) {
    at += 1;
    while (at < to && isDigit(bytes[at] ?? 0)) at += 1;
    if (at === from + 1 || at > from + 7) return undefined;
  }
  if (at === to) return "none";
  if (at + 1 === to && bytes[at] === letterZ) return "Z";
  return bytes[at] === plus && hasBytes(bytes, at, to, utc) ? "+" : undefined;
}

/** @returns -1 for what are no digits */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at] ?? 0;
  const ones = bytes[at + 1] ?? 0;
  return isDigit(tens) && isDigit(ones) ? (tens - zero) * 10 + ones - zero : -1;
}

function isDigit(byte: number): boolean {
  return byte >= zero && byte <= 57;
}
