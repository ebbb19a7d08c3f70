// Instants as services write them: ISO, dates, counts since 1970, and patterns such as `yyyy-MM-dd HH:mm:ss`. Inside, an instant is
// its microseconds since the Unix epoch, so that nothing is lost of what services distinguish.
import { MillraceError } from "../errors/errors.ts";
import { parseIsoInstant } from "./iso-instant.ts";
import { parseTimeZone } from "./time-zone.ts";

/** A name, or a pattern of `yyyy`, `MM`, `dd`, `HH`, `mm`, `ss`, `S…`, `XXX` (the offset) and text in single quotes. */
export type InstantFormat = "iso" | "date" | "seconds" | "milliseconds" | "microseconds" | (string & {});

/** @throws MillraceError `VALUE_INVALID` for a pattern with a letter that stands for nothing, or without a day */
export function assertInstantFormat(format: InstantFormat): void {
  if (!named.has(format)) parsePattern(format);
}

/** @param timezone of what is written, for all forms that have no offset @param micros since the Unix epoch */
export function formatInstant(micros: bigint, format: InstantFormat, timezone: string): string | number {
  if (format === "iso") return formatIso(micros);
  const scale = scales.get(format);
  if (scale !== undefined) return Number(floorDiv(micros, scale));
  return writePattern(micros, parsePattern(format === "date" ? "yyyy-MM-dd" : format), timezone);
}

/** `undefined` when the value is not of the format. */
export function readInstant(value: string | number, format: InstantFormat, timezone: string): bigint | undefined {
  const scale = scales.get(format);
  if (scale !== undefined) return readCount(value, scale);
  if (typeof value !== "string") return undefined;
  if (format === "iso") return readIso(value, timezone);
  return readPattern(value, parsePattern(format === "date" ? "yyyy-MM-dd" : format), timezone);
}

/** Microseconds of an ISO instant in UTC. */
export function toMicros(instant: string): bigint {
  return BigInt(Date.parse(instant)) * 1_000n;
}

/** ISO in UTC with milliseconds, and microseconds where there are any. */
export function formatIso(micros: bigint): string {
  const text = new Date(Number(floorDiv(micros, 1_000n))).toISOString();
  const rest = micros - floorDiv(micros, 1_000n) * 1_000n;
  return rest === 0n ? text : `${text.slice(0, -1)}${String(rest).padStart(3, "0")}Z`;
}

/** The whole of `a / b` that is not above it. */
export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b;
  return a % b < 0n ? quotient - 1n : quotient;
}

/** Microseconds by which clocks of the zone are ahead of UTC. */
export function offsetMicros(micros: bigint, timezone: string): bigint {
  return BigInt(parseTimeZone(timezone).offsetMs(Number(floorDiv(micros, 1_000n)))) * 1_000n;
}

/** A time that clocks skip is the one that they show instead; of one that they show twice, it is the first. */
export function localToUtc(local: bigint, timezone: string): bigint {
  const first = local - offsetMicros(local - dayMicros, timezone);
  if (first + offsetMicros(first, timezone) === local) return first;
  const guess = local - offsetMicros(local, timezone);
  return local - offsetMicros(guess, timezone);
}

/** Longer than clocks go back, and shorter than the time between two changes. */
const dayMicros = 86_400_000_000n;

const scales: ReadonlyMap<string, bigint> = new Map([
  ["seconds", 1_000_000n],
  ["milliseconds", 1_000n],
  ["microseconds", 1n],
]);
const named: ReadonlySet<string> = new Set(["iso", "date", ...scales.keys()]);

function readCount(value: string | number, scale: bigint): bigint | undefined {
  const match = /^(-?\d{1,18})(?:\.(\d+))?$/.exec(String(value));
  if (match === null) return undefined;
  const [, whole = "0", fraction = ""] = match;
  const digits = String(scale).length - 1;
  const rest = BigInt(`${fraction.slice(0, digits).padEnd(digits, "0") || "0"}`);
  const micros = BigInt(whole) * scale;
  return whole.startsWith("-") ? micros - rest : micros + rest;
}

function readIso(value: string, timezone: string): bigint | undefined {
  const found = parseIsoInstant(value);
  if (found === undefined || !found.hasTime) return undefined;
  const micros = BigInt(found.seconds) * 1_000_000n + BigInt(found.fraction.slice(0, 6).padEnd(6, "0"));
  return found.hasZone ? micros : localToUtc(micros, timezone);
}

type Token = { readonly field: Field; readonly width: number } | { readonly text: string };
type Field = "year" | "month" | "day" | "hour" | "minute" | "second" | "fraction" | "offset";

const fields: ReadonlyMap<string, Field> = new Map([
  ["yyyy", "year"],
  ["MM", "month"],
  ["dd", "day"],
  ["HH", "hour"],
  ["mm", "minute"],
  ["ss", "second"],
  ["XXX", "offset"],
]);

const patterns = new Map<string, readonly Token[]>();

function parsePattern(pattern: string): readonly Token[] {
  let tokens = patterns.get(pattern);
  if (tokens === undefined) {
    tokens = tokenize(pattern);
    patterns.set(pattern, tokens);
  }
  return tokens;
}

function tokenize(pattern: string): Token[] {
  const tokens: Token[] = [];
  for (const [piece, quoted] of pattern.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+|'/g)) {
    const field = fields.get(piece) ?? (/^S{1,6}$/.test(piece) ? "fraction" : undefined);
    if (field !== undefined) tokens.push({ field, width: piece.length });
    else if (quoted !== undefined) tokens.push({ text: quoted === "" ? "'" : quoted.replaceAll("''", "'") });
    else if (/^[A-Za-z']/.test(piece)) throw noPattern(pattern, piece);
    else tokens.push({ text: piece });
  }
  const has = (name: Field): boolean => tokens.some((token) => "field" in token && token.field === name);
  if (has("year") && has("month") && has("day")) return tokens;
  throw noPattern(pattern, "no `yyyy`, `MM` and `dd`");
}

function noPattern(pattern: string, problem: string): MillraceError {
  const message = `expected a format of instants, got: \`${pattern}\`, in which this stands for nothing: \`${problem}\``;
  return new MillraceError("VALUE_INVALID", message, {
    hint: "use `iso`, `date`, `seconds`, `milliseconds`, `microseconds`, or a pattern such as `yyyy-MM-dd HH:mm:ss`; put letters that stand for themselves into single quotes",
  });
}

function writePattern(micros: bigint, tokens: readonly Token[], timezone: string): string {
  const offset = offsetMicros(micros, timezone);
  const local = micros + offset;
  const date = new Date(Number(floorDiv(local, 1_000n)));
  const fraction = String(local - floorDiv(local, 1_000_000n) * 1_000_000n).padStart(6, "0");
  const values: Readonly<Record<Exclude<Field, "fraction" | "offset">, number>> = {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
  };
  return tokens
    .map((token) => {
      if ("text" in token) return token.text;
      if (token.field === "fraction") return fraction.slice(0, token.width);
      return token.field === "offset" ? printOffset(offset) : String(values[token.field]).padStart(token.width, "0");
    })
    .join("");
}

function printOffset(offset: bigint): string {
  if (offset === 0n) return "Z";
  const minutes = Number((offset < 0n ? -offset : offset) / 60_000_000n);
  const two = (value: number): string => String(value).padStart(2, "0");
  return `${offset < 0n ? "-" : "+"}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

function readPattern(value: string, tokens: readonly Token[], timezone: string): bigint | undefined {
  const source = tokens.map(toExpression).join("");
  const match = new RegExp(`^${source}$`).exec(value);
  if (match === null) return undefined;
  const found = new Map<Field, string>();
  tokens.filter((token) => "field" in token).forEach(({ field }, index) => found.set(field, match[index + 1] ?? ""));
  const part = (field: Field, standard: string): string => found.get(field) ?? standard;
  const fraction = found.has("fraction") ? `.${part("fraction", "0")}` : "";
  const day = `${part("year", "")}-${part("month", "")}-${part("day", "")}`;
  return readIso(
    `${day}T${part("hour", "00")}:${part("minute", "00")}:${part("second", "00")}${fraction}${part("offset", "")}`,
    timezone,
  );
}

function toExpression(token: Token): string {
  if ("text" in token) return token.text.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, "\\$&");
  return token.field === "offset" ? "(Z|[+-]\\d{2}:\\d{2})" : `(\\d{${token.width}})`;
}
