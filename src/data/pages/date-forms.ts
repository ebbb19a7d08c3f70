// Forms in which dates and instants are written. A place has the type of a date only when all of its texts have one form, so
// that what was written can be told from what is held.

/** A form, how SQL calls its type, and what ends it. */
export interface DateForm {
  readonly type: "DATE" | "TIMESTAMP" | "TIMESTAMP WITH TIME ZONE";
  readonly separator: "" | "T" | " ";
  readonly zone: string;
}

/** The form of a bit is at the place of the bit. */
export const dateForms: readonly DateForm[] = [
  { type: "DATE", separator: "", zone: "" },
  ...(["T", " "] as const).flatMap((separator) =>
    ["", "Z", "+00:00", "+00"].map((zone) => ({
      type: zone === "" ? ("TIMESTAMP" as const) : ("TIMESTAMP WITH TIME ZONE" as const),
      separator,
      zone,
    })),
  ),
];

/** The forms that a text has, as bits: one or none. @param start and `end` of the text without quotes */
export function findDateForm(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length < 10 || length > 32 || bytes[start + 4] !== dash || bytes[start + 7] !== dash) return 0;
  const year = digits(bytes, start, start + 4);
  const month = digits(bytes, start + 5, start + 7);
  const day = digits(bytes, start + 8, start + 10);
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysOf(year, month)) return 0;
  if (length === 10) return 1;
  const separator = bytes[start + 10] === letterT ? 0 : bytes[start + 10] === space ? 1 : -1;
  const zoneAt = endOfTime(bytes, start + 11, end);
  if (separator < 0 || zoneAt < 0) return 0;
  const zone = zoneOf(bytes, zoneAt, end);
  return zone < 0 ? 0 : 1 << (1 + separator * 4 + zone);
}

/** Behind `hh:mm:ss` and up to six digits of a fraction; -1 for what is no time of a day. */
function endOfTime(bytes: Uint8Array, at: number, end: number): number {
  if (end - at < 8 || bytes[at + 2] !== colon || bytes[at + 5] !== colon) return -1;
  const hour = digits(bytes, at, at + 2);
  const minute = digits(bytes, at + 3, at + 5);
  const second = digits(bytes, at + 6, at + 8);
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59) return -1;
  if (bytes[at + 8] !== point || at + 8 >= end) return at + 8;
  let last = at + 9;
  while (last < end && isDigit(bytes[last])) last += 1;
  const count = last - at - 9;
  return count < 1 || count > 6 ? -1 : last;
}

function zoneOf(bytes: Uint8Array, at: number, end: number): number {
  const length = end - at;
  if (length === 0) return 0;
  if (length === 1) return bytes[at] === letterZ ? 1 : -1;
  if (bytes[at] !== plus || bytes[at + 1] !== zero || bytes[at + 2] !== zero) return -1;
  if (length === 3) return 3;
  const isFull = length === 6 && bytes[at + 3] === colon && bytes[at + 4] === zero && bytes[at + 5] === zero;
  return isFull ? 2 : -1;
}

/** -1 unless all are digits. */
function digits(bytes: Uint8Array, start: number, end: number): number {
  let value = 0;
  for (let at = start; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - zero;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

function daysOf(year: number, month: number): number {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= zero + 9;
}

const [space, plus, dash, point, zero, colon, letterT, letterZ] = [0x20, 0x2b, 0x2d, 0x2e, 0x30, 0x3a, 0x54, 0x5a];
