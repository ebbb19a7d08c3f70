// Dates and times out of texts of any form, out of counts since 1970, and from one time zone into another. What names no zone
// is in UTC.
import { canonicalType, type ExactCast } from "../../compute/exact-cast.ts";
import { quoteLiteral } from "../../compute/engine.ts";

/** Units in which instants are counted since 1970-01-01T00:00Z. */
export type EpochUnit = "seconds" | "milliseconds" | "microseconds";

export interface TimeForm {
  /** Of a text, in the words of `strptime`; the first that fits counts. */
  readonly format?: string | readonly string[];
  /** What a number counts since 1970. */
  readonly epoch?: EpochUnit;
  /** Whose local time is meant where only one of both sides is an instant. Default `UTC`. */
  readonly timezone?: string;
}

/** Types that `TimeForm` is for. */
export const timeTypes: readonly string[] = ["DATE", "TIMESTAMP", "TIMESTAMP WITH TIME ZONE"];

const instant = "TIMESTAMP WITH TIME ZONE";

/**
 * @param value SQL of a value of type `from`
 * @param to one of `timeTypes`
 */
export function castTime(value: string, from: string, to: string, form: TimeForm): ExactCast {
  const cast = toType(readTime(value, from, form), to, form.timezone ?? "UTC");
  return { cast, fits: `(${value} IS NULL OR ${cast} IS NOT NULL)` };
}

/** Instants as counts since 1970; local times are those of `timezone`. @returns SQL of a BIGINT */
export function countEpoch(value: string, from: string, unit: EpochUnit, form: TimeForm): ExactCast {
  const at = toType(readTime(value, from, form), instant, form.timezone ?? "UTC");
  const micros = `epoch_us(${at})`;
  const cast = unit === "microseconds" ? micros : `${micros} // ${unit === "seconds" ? 1_000_000 : 1_000}`;
  return { cast, fits: `(${value} IS NULL OR coalesce(isfinite(${at}), false))` };
}

/** SQL of a time, and whether it is an instant or some zone's local time. */
interface ReadTime {
  readonly sql: string;
  readonly isInstant: boolean;
}

function readTime(value: string, from: string, { format, epoch, timezone = "UTC" }: TimeForm): ReadTime {
  if (epoch !== undefined) return { sql: `timezone('UTC', ${fromCount(value, epoch)})`, isInstant: true };
  if (format !== undefined) return parse(value, typeof format === "string" ? [format] : format);
  if (from === instant) return { sql: value, isInstant: true };
  if (canonicalType(from) !== "VARCHAR") return { sql: `TRY_CAST(${value} AS TIMESTAMP)`, isInstant: false };
  const isZoned = `regexp_matches(${value}, ${quoteLiteral(endsWithZone)})`;
  const local = `timezone(${quoteLiteral(timezone)}, TRY_CAST(${value} AS TIMESTAMP))`;
  return { sql: `CASE WHEN ${isZoned} THEN TRY_CAST(${value} AS ${instant}) ELSE ${local} END`, isInstant: true };
}

/** `Z`, `+02` or `-03:30` behind a time of the day. */
const endsWithZone = String.raw`:\d{2}(\.\d+)?\s*(Z|[+-]\d{2}(:?\d{2})?)$`;

/** A count that leads beyond the year 9999 was most likely made in a smaller unit. */
function fromCount(value: string, unit: EpochUnit): string {
  const micros = { seconds: 1_000_000, milliseconds: 1_000, microseconds: 1 }[unit];
  const count = `TRY_CAST(${value} AS DECIMAL(38,9))`;
  const inRange = `abs(${count}) <= ${Math.floor(lastMicros / micros)}`;
  return `CASE WHEN ${inRange} THEN make_timestamp(CAST(round(${count} * ${micros}) AS BIGINT)) END`;
}

/** 9999-12-31T23:59:59Z. */
const lastMicros = 253_402_300_799_000_000;

function parse(value: string, formats: readonly string[]): ReadTime {
  const list = `[${formats.map(quoteLiteral).join(", ")}]`;
  return {
    sql: `try_strptime(CAST(${value} AS VARCHAR), ${list})`,
    isInstant: formats.some((format) => /%[zZ]/.test(format)),
  };
}

function toType({ sql, isInstant }: ReadTime, to: string, timezone: string): string {
  if (to === instant) return isInstant ? sql : `timezone(${quoteLiteral(timezone)}, ${sql})`;
  const local = isInstant ? `timezone(${quoteLiteral(timezone)}, ${sql})` : sql;
  return to === "DATE" ? `TRY_CAST(${local} AS DATE)` : local;
}
