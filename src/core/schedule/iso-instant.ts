// Instants in ISO-8601 as sources write them: with or without seconds, a fraction of any length, and a zone.

/** Exact, whatever the length of the fraction. */
export interface IsoInstant {
  /** Whole seconds since the Unix epoch. */
  readonly seconds: number;
  /** Digits of the fraction of a second without zeros at their end; empty for none. */
  readonly fraction: string;
  /** False for a date alone and for a time without a zone, which are taken for UTC. */
  readonly hasZone: boolean;
  readonly hasTime: boolean;
}

const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?([Zz]|[+-]\d{2}(?::?\d{2})?)?)?$/;

/** `undefined` for anything else, also for a date that no calendar has, such as 2026-02-30. */
export function parseIsoInstant(text: string): IsoInstant | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour = 0, minute = 0, second = 0] = match.slice(0, 7).map((part) => Number(part ?? 0));
  const [, , , , hourText, , , fraction = "", zone] = match;
  const offset = parseOffset(zone);
  if (offset === undefined || !isDate(Number(year), Number(month), Number(day))) return undefined;
  // Midnight at the end of a day is written 24:00.
  const isTime =
    (hour < 24 && minute < 60 && second < 60) || (hour === 24 && minute + second === 0 && !/[1-9]/.test(fraction));
  if (!isTime) return undefined;
  const dayMs = new Date(0).setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  return {
    seconds: dayMs / 1_000 + hour * 3_600 + minute * 60 + second - offset,
    fraction: fraction.replace(/0+$/, ""),
    hasZone: zone !== undefined,
    hasTime: hourText !== undefined,
  };
}

/** Below 0 when `a` is earlier, above 0 when it is later. */
export function compareIsoInstants(a: IsoInstant, b: IsoInstant): number {
  if (a.seconds !== b.seconds) return a.seconds - b.seconds;
  // Without zeros at their end, digits of fractions are in the order of texts.
  return a.fraction === b.fraction ? 0 : a.fraction < b.fraction ? -1 : 1;
}

/** Milliseconds since the Unix epoch; what is shorter than one is cut off. */
export function toEpochMs({ seconds, fraction }: IsoInstant): number {
  return seconds * 1_000 + Number(fraction.slice(0, 3).padEnd(3, "0"));
}

// Seconds east of UTC.
function parseOffset(zone: string | undefined): number | undefined {
  if (zone === undefined || zone === "Z" || zone === "z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(":", "") || 0)];
  if (hours > 23 || minutes > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 3_600 + minutes * 60);
}

function isDate(year: number, month: number, day: number): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  // Day 0 of the next month is the last of this one; `setUTCFullYear` takes years before 100 as they are.
  return day <= new Date(new Date(0).setUTCFullYear(year, month, 0)).getUTCDate();
}
