// Columns whose types a job declares. The engine's own casts round: `1.5` becomes the integer 2, and 1.239 a DECIMAL(10,2) of 1.24.
// Here a value that the type cannot hold with every digit is an error instead.
import { parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CsvColumn, CsvOptions } from "../../../core/dataset/source.ts";
import type { TextProfile } from "./csv-profile.ts";
import type { CsvReading } from "./csv-reader.ts";

export interface DeclaredReading extends CsvReading {
  /** SQL that is true of a text that can be read, over SQL of the text. */
  isReadable(text: string): string;
  /** What the engine reads with every digit where all values are plain numbers with no more digits behind the point. */
  readonly plain?: { readonly scale: number; readonly reading: CsvReading };
}

/** The cheapest reading that changes no value of the column. */
export function chooseReading(declared: DeclaredReading, { kind, scale }: TextProfile): CsvReading {
  const { plain } = declared;
  const isPlain = plain !== undefined && (kind === undefined || (kind === "number" && scale <= plain.scale));
  return isPlain ? plain.reading : declared;
}

/**
 * Readings of the declared columns, by name in lower case.
 * @throws MillraceError `VALUE_INVALID` naming the column, for a type that the engine does not know and options that do not go with it
 */
export async function resolveDeclared(
  session: EngineSession,
  options: CsvOptions,
): Promise<ReadonlyMap<string, DeclaredReading>> {
  const readings = new Map<string, DeclaredReading>();
  for (const [name, declared] of Object.entries(options.columns ?? options.types ?? {})) {
    const column = typeof declared === "string" ? { type: declared } : declared;
    const type = await resolveType(session, name, column);
    readings.set(name.toLowerCase(), toReading(name, type, column));
  }
  return readings;
}

async function resolveType(session: EngineSession, name: string, { type, format }: CsvColumn): Promise<string> {
  try {
    const parsed = printEngineType(parseEngineType(type));
    const form = format === undefined ? "" : `, try_strptime('', ${quoteLiteral(format)})`;
    const [column] = await session.describe(`SELECT CAST(NULL AS ${parsed})${form}`);
    return printEngineType(parseEngineType(column?.type ?? type));
  } catch (cause) {
    if (!(cause instanceof MillraceError)) throw cause;
    throw new MillraceError("VALUE_INVALID", `column \`${name}\` of the csv source: ${cause.message}`, {
      cause,
      hint: "declare a type of the engine, such as BIGINT, DECIMAL(12,2), DATE or VARCHAR, and a format as strptime takes it",
    });
  }
}

function toReading(name: string, type: string, { decimalMark = ".", format }: CsvColumn): DeclaredReading {
  const scale = exactScale(type);
  const isNumber = scale !== undefined || type === "DOUBLE" || type === "FLOAT";
  if (decimalMark !== "." && !isNumber) throw misfit(name, "decimalMark", type);
  if (format !== undefined && !/^(DATE|TIME)/.test(type)) throw misfit(name, "format", type);
  if (format !== undefined) return readFormatted(name, type, format);
  if (decimalMark === "." && scale === undefined) return readByEngine(type);
  return readNumber(name, type, scale, decimalMark);
}

/** What the engine's reader makes of a text, which it refuses by itself. */
function readByEngine(type: string): DeclaredReading {
  return {
    type,
    readAs: type,
    value: (read) => read,
    isReadable: (text) => `TRY_CAST(${text} AS ${type}) IS NOT NULL`,
  };
}

function readFormatted(name: string, type: string, format: string): DeclaredReading {
  const parse = (text: string): string => `try_strptime(${text}, ${quoteLiteral(format)})`;
  const isReadable = (text: string): string => `${parse(text)} IS NOT NULL`;
  return checked(name, type, isReadable, (text) => `CAST(${parse(text)} AS ${type})`);
}

function readNumber(name: string, type: string, scale: number | undefined, mark: "." | ","): DeclaredReading {
  const plain = (text: string): string => (mark === "." ? text : `replace(${text}, ',', '.')`);
  const rulesOf = (text: string): string[] => [
    // what is no mark would be taken for one
    ...(mark === "," ? [`NOT contains(${text}, '.')`] : []),
    ...(scale === undefined ? [] : [hasDigits(text, scale, mark)]),
  ];
  const isReadable = (text: string): string =>
    [`TRY_CAST(${plain(text)} AS ${type}) IS NOT NULL`, ...rulesOf(text)].join(" AND ");
  // the cast itself refuses what is no number
  return {
    ...checked(
      name,
      type,
      (text) => rulesOf(text).join(" AND "),
      (text) => `CAST(${plain(text)} AS ${type})`,
    ),
    isReadable,
    ...(mark === "." && scale !== undefined ? { plain: { scale, reading: readByEngine(type) } } : {}),
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

const wholeTypes = /^U?(TINYINT|SMALLINT|INTEGER|BIGINT|HUGEINT)$/;

/** Digits behind the point of a type that keeps each of them. */
function exactScale(type: string): number | undefined {
  if (wholeTypes.test(type)) return 0;
  const scale = /^DECIMAL\(\d+,\s*(\d+)\)$/.exec(type)?.[1];
  return scale === undefined ? undefined : Number(scale);
}

function misfit(name: string, option: string, type: string): MillraceError {
  return new MillraceError(
    "VALUE_INVALID",
    `\`${option}\` of csv column \`${name}\` does not go with type \`${type}\``,
    {
      hint: "`decimalMark` is for numbers, `format` for dates and times",
    },
  );
}
