// Turns texts into values of a declared type with nothing lost. The engine's own casts round and cut: `1.5` becomes the
// integer 2, 1.239 a DECIMAL(10,2) of 1.24, and a DATE forgets its time. So a text must also have a form that the type
// holds in full.
import { parseEngineType } from "../../../compute/engine-type.ts";
import { quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import type { TextProfile } from "./csv-profile.ts";
import type { CsvReading } from "./csv-reader.ts";
import { hasWholeDigits } from "./csv-types.ts";

export interface DeclaredReading extends CsvReading {
  /** SQL that is true of a text that can be read, over SQL of the text. */
  isReadable(text: string): string;
  /** What the engine reads by itself, with nothing lost, where all values are known to be written plainly. */
  readonly plain?: { readonly reading: CsvReading; isPlain(profile: TextProfile): boolean };
}

/** Reads a type of which the engine refuses by itself what does not fit, or only where texts have a form that loses nothing. */
export function readDeclared(name: string, type: string): DeclaredReading {
  const scale = exactScale(type);
  if (scale !== undefined || isFloat(type)) return readNumber(name, type, ".");
  const form = forms[type];
  if (form !== undefined) return readTime(name, type, form);
  if (parseEngineType(type).kind !== "scalar") return readNested(name, type);
  return { ...readByEngine(type), isReadable: (text) => `TRY_CAST(${text} AS ${type}) IS NOT NULL` };
}

/** Numbers, with a point or a comma before the fraction. @param type one of which `isNumber` is true */
export function readNumber(name: string, type: string, mark: "." | ","): DeclaredReading {
  const scale = exactScale(type);
  const plain = (text: string): string => (mark === "." ? text : `replace(${text}, ',', '.')`);
  const rulesOf = (text: string): string[] => [
    // what is no mark would be taken for one
    ...(mark === "," ? [`NOT contains(${text}, '.')`] : []),
    scale === undefined ? isInRange(text, plain(text), type) : hasDigits(text, scale, mark),
  ];
  const isReadable = (text: string): string =>
    [`TRY_CAST(${plain(text)} AS ${type}) IS NOT NULL`, ...rulesOf(text)].join(" AND ");
  const isPlain = (profile: TextProfile): boolean => {
    const { kind, scale: found } = profile;
    return kind === "number" && (scale === undefined ? hasWholeDigits(profile, floatDigits) : found <= scale);
  };
  // the cast itself refuses what is no number
  return {
    ...checked(
      name,
      type,
      (text) => rulesOf(text).join(" AND "),
      (text) => `CAST(${plain(text)} AS ${type})`,
    ),
    isReadable,
    ...(mark === "." ? { plain: { isPlain, reading: readByEngine(type) } } : {}),
  };
}

/**
 * Dates and times that are written as `strptime` takes it.
 * @param parsed the type that the engine parses such texts to
 */
export function readFormatted(name: string, type: string, format: string, parsed: string): DeclaredReading {
  const parse = (text: string): string => `try_strptime(${text}, ${quoteLiteral(format)})`;
  const value = (text: string): string => `CAST(${parse(text)} AS ${type})`;
  // a time without a day is parsed to one of this day, and a day without a time to midnight
  const back = (text: string): string =>
    type === "TIME" ? `DATE '1900-01-01' + ${value(text)}` : `CAST(${value(text)} AS ${parsed})`;
  return checked(name, type, (text) => `coalesce(${back(text)} = ${parse(text)}, false)`, value);
}

/** Tells whether values of the type are numbers with a mark before the fraction. */
export function isNumber(type: string): boolean {
  return exactScale(type) !== undefined || isFloat(type);
}

function readTime(name: string, type: string, form: string): DeclaredReading {
  const kinds = type === "DATE" ? ["date"] : plainTimestamps.includes(type) ? ["date", "timestamp"] : [];
  const isReadable = (text: string): string =>
    `regexp_full_match(${text}, ${quoteLiteral(` *(${form}) *`)}) AND TRY_CAST(${text} AS ${type}) IS NOT NULL`;
  return {
    ...checked(name, type, isReadable, (text) => `CAST(${text} AS ${type})`),
    ...(kinds.length === 0
      ? {}
      : { plain: { isPlain: ({ kind }) => kind !== undefined && kinds.includes(kind), reading: readByEngine(type) } }),
  };
}

/** Lists, structs and the like: what the engine writes for the value is the text, spaces and quotes aside. */
function readNested(name: string, type: string): DeclaredReading {
  const bare = (text: string): string => `translate(${text}, ' ''"', '')`;
  const isReadable = (text: string): string =>
    `coalesce(${bare(`CAST(TRY_CAST(${text} AS ${type}) AS VARCHAR)`)} = ${bare(text)}, false)`;
  return checked(name, type, isReadable, (text) => `CAST(${text} AS ${type})`);
}

/** What the engine's reader makes of a field. */
function readByEngine(type: string): CsvReading {
  return { type, readAs: type, value: (read) => read };
}

function checked(
  name: string,
  type: string,
  isReadable: (text: string) => string,
  value: (text: string) => string,
): DeclaredReading {
  const refusal = quoteLiteral(`column ${quoteIdentifier(name)} holds a value that is not ${type}`);
  return {
    type,
    readAs: "VARCHAR",
    isReadable,
    value: (text) =>
      `CASE WHEN ${isReadable(text)} THEN ${value(text)} WHEN ${text} IS NOT NULL THEN error(${refusal}) END`,
  };
}

/** Behind the mark are no more digits than the type has, zeros aside, and there is no exponent, which could move the mark. */
function hasDigits(text: string, scale: number, mark: string): string {
  const place = `strpos(${text}, ${quoteLiteral(mark)})`;
  // the cheap questions come first: zeros are taken off only where there are too many digits
  const fraction = [
    `${place} = 0`,
    `strlen(${text}) - ${place} <= ${scale}`,
    `strlen(rtrim(${text}, '0')) - ${place} <= ${scale}`,
  ].join(" OR ");
  return `(${fraction}) AND NOT contains(${text}, 'e') AND NOT contains(${text}, 'E')`;
}

/** A number that is too large for a float becomes infinite in the engine, which only a word may mean. */
function isInRange(text: string, plain: string, type: string): string {
  return `NOT (coalesce(isinf(TRY_CAST(${plain} AS ${type})), false) AND regexp_matches(${text}, '[0-9]'))`;
}

/** Each number of so many digits before the point is one of the smallest float, too. */
const floatDigits = 38;

const wholeTypes = /^(U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)|BIGNUM)$/;

/** Digits behind the point of a type that keeps each of them. */
function exactScale(type: string): number | undefined {
  if (wholeTypes.test(type)) return 0;
  const scale = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1];
  return scale === undefined ? undefined : Number(scale);
}

function isFloat(type: string): boolean {
  return type === "DOUBLE" || type === "FLOAT";
}

const day = "[0-9]+[-/][0-9]{1,2}[-/][0-9]{1,2}";
const midnight = "([ T]0{1,2}:0{1,2}(:0{1,2}([.]0*)?)?)?";
const noOffset = "(Z| ?UTC|[+]00(:?00)?)?";
const anyOffset = "(Z| ?UTC|[+-][0-9]{2}(:[0-9]{2}(:[0-9]{2})?|[0-9]{2})?)?";
const endless = "-?infinity";

/** Hours to a fraction of at most so many digits, zeros aside. */
function clock(digits: number): string {
  return `[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}([.][0-9]{0,${digits}}0*)?)?`;
}

function moment(digits: number, offset: string): string {
  return `${day}([ T]${clock(digits)}${offset})?|${endless}`;
}

/** Regular expressions of the texts of which these types keep everything. Elsewhere, and without an offset, time is that of UTC. */
const forms: Readonly<Record<string, string>> = {
  DATE: `${day}${midnight}|${endless}`,
  TIME: clock(6),
  TIME_NS: clock(9),
  "TIME WITH TIME ZONE": `${clock(6)}${anyOffset}`,
  TIMESTAMP_S: moment(0, noOffset),
  TIMESTAMP_MS: moment(3, noOffset),
  TIMESTAMP: moment(6, noOffset),
  TIMESTAMP_NS: moment(9, noOffset),
  "TIMESTAMP WITH TIME ZONE": moment(6, anyOffset),
  // parts of a month or a day would become other units
  INTERVAL: "[^.]*(:[0-9]{1,2}([.][0-9]{1,6}0*)?)?",
};

/** Types that hold every timestamp which is one by the look of its values. */
const plainTimestamps: readonly string[] = ["TIMESTAMP", "TIMESTAMP_NS", "TIMESTAMP WITH TIME ZONE"];
