// Values of typed files as the texts from which the engine makes them again, with every digit. No number goes through a double.

const dayMs = 86_400_000;

/** A day as the number of days since 1970. */
export function printDay(days: number): string {
  const { year, month, day } = civilDay(days);
  return `${printYear(year)}-${two(month)}-${two(day)}${era(year)}`;
}

/** An instant, or a time without a zone, as the number of its units since 1970. @param scale digits behind the second of a unit */
export function printInstant(units: bigint, scale: 0 | 3 | 6 | 9): string {
  const unitsOfDay = 86_400n * 10n ** BigInt(scale);
  const ofDay = ((units % unitsOfDay) + unitsOfDay) % unitsOfDay;
  const { year, month, day } = civilDay(Number((units - ofDay) / unitsOfDay));
  return `${printYear(year)}-${two(month)}-${two(day)}${era(year)} ${printTime(ofDay, scale)}`;
}

/** A time of day as the number of units since midnight. */
export function printTime(units: bigint, scale: 0 | 3 | 6 | 9): string {
  const unit = 10n ** BigInt(scale);
  const seconds = Number(units / unit);
  const fraction = scale === 0 ? "" : `.${String(units % unit).padStart(scale, "0")}`;
  return `${two(Math.trunc(seconds / 3600))}:${two(Math.trunc(seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`;
}

/** A whole number whose last `scale` digits stand behind the point. */
export function printDecimal(unscaled: bigint, scale: number): string {
  if (scale <= 0) return String(unscaled * 10n ** BigInt(-scale));
  const sign = unscaled < 0n ? "-" : "";
  const digits = String(unscaled < 0n ? -unscaled : unscaled).padStart(scale + 1, "0");
  return `${sign}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** The shortest text that stands for a double alone. */
export function printDouble(value: number): string {
  return Object.is(value, -0) ? "-0.0" : String(value);
}

/** @param bytes sixteen */
export function printUuid(bytes: Uint8Array): string {
  return Buffer.from(bytes)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** Two's complement, the highest byte first. */
export function readSigned(bytes: Uint8Array): bigint {
  if (bytes.length === 0) return 0n;
  return BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).toString("hex")}`));
}

/** Days in the proleptic Gregorian calendar; those of `Date` end in the year 275760. */
function civilDay(days: number): { readonly year: number; readonly month: number; readonly day: number } {
  // the calendar is the same again after 400 years
  const eras = Math.floor(days / 146_097);
  const date = new Date((days - eras * 146_097) * dayMs);
  return { year: date.getUTCFullYear() + eras * 400, month: date.getUTCMonth() + 1, day: date.getUTCDate() };
}

/** The engine knows no year 0: the one before 1 is 1 (BC). */
function printYear(year: number): string {
  return String(year > 0 ? year : 1 - year).padStart(4, "0");
}

function era(year: number): string {
  return year > 0 ? "" : " (BC)";
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
