// Columns whose types a job declares. A value that the type cannot hold with nothing lost is an error.
import { parseEngineType, printEngineType } from "../../../compute/engine-type.ts";
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { CsvColumn, CsvOptions } from "./options.ts";
import { type DeclaredReading, isNumber, readDeclared, readFormatted, readNumber } from "./csv-checked.ts";
import { unreadableLine } from "../unreadable-line.ts";
import { type CsvFile, findLine } from "./csv-file.ts";
import type { TextProfile } from "./csv-profile.ts";
import { asText, type CsvReader, type CsvReading, selectCsv } from "./csv-reader.ts";

/** The cheapest reading that changes no value of the column. */
export function chooseReading(declared: DeclaredReading, profile: TextProfile): CsvReading {
  const { plain } = declared;
  const isPlain = plain !== undefined && (profile.kind === undefined || plain.isPlain(profile));
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
    readings.set(name.toLowerCase(), toReading(name, column, await resolveTypes(session, name, column)));
  }
  return readings;
}

/**
 * The first value of a declared column that cannot be read, by file and line; `undefined` when all can. The engine tells it of some
 * values only, and counts rows instead of lines.
 */
export async function findUnreadable(
  session: EngineSession,
  reader: CsvReader,
  files: readonly CsvFile[],
  declared: ReadonlyMap<string, DeclaredReading>,
): Promise<MillraceError | undefined> {
  const columns = reader.layout.names.filter((name) => declared.has(name.toLowerCase()));
  if (columns.length === 0) return undefined;
  const cases = columns.map((name) => {
    const column = quoteIdentifier(name);
    return `WHEN ${column} IS NOT NULL AND NOT (${declared.get(name.toLowerCase())?.isReadable(column) ?? "true"}) THEN ${quoteLiteral(name)}`;
  });
  for (const file of files) {
    const rows = selectCsv(reader, [file], () => asText);
    const [found] = await session.query(
      `SELECT place, name FROM (SELECT row_number() OVER () AS place, CASE ${cases.join(" ")} END AS name FROM (${rows}))
       WHERE name IS NOT NULL ORDER BY place LIMIT 1`,
    );
    if (found === undefined) continue;
    const name = String(found["name"]);
    const type = declared.get(name.toLowerCase())?.type;
    const line = await findLine(file, Number(found["place"]));
    return unreadableLine(
      file.file,
      line,
      `column \`${name}\` holds a value that is not ${type}`,
      "declare a type that keeps all of the value; as VARCHAR, it can be cast in `sql`",
    );
  }
  return undefined;
}

interface ResolvedTypes {
  readonly type: string;
  /** What the engine parses texts of the format to. */
  readonly parsed: string | undefined;
}

async function resolveTypes(session: EngineSession, name: string, { type, format }: CsvColumn): Promise<ResolvedTypes> {
  try {
    const known = printEngineType(parseEngineType(type));
    const form = format === undefined ? "" : `, try_strptime('', ${quoteLiteral(format)})`;
    const [column, parsed] = await session.describe(`SELECT CAST(NULL AS ${known})${form}`);
    return { type: printEngineType(parseEngineType(column?.type ?? type)), parsed: parsed?.type };
  } catch (cause) {
    if (!(cause instanceof MillraceError)) throw cause;
    throw new MillraceError("VALUE_INVALID", `column \`${name}\` of the csv source: ${cause.message}`, {
      cause,
      hint: "declare a type of the engine, such as BIGINT, DECIMAL(12,2), DATE or VARCHAR, and a format as strptime takes it",
    });
  }
}

function toReading(
  name: string,
  { decimalMark = ".", format }: CsvColumn,
  { type, parsed }: ResolvedTypes,
): DeclaredReading {
  if (decimalMark !== "." && !isNumber(type)) throw misfit(name, "decimalMark", type);
  if (format !== undefined && (parsed === undefined || !formattedTypes.test(type))) throw misfit(name, "format", type);
  // an offset that is read is one that counts
  const isInstant = type === zoned || parsed !== zoned;
  if (!isInstant) throw misfit(name, "format", type, `what has an offset is \`${zoned}\``);
  if (format !== undefined && parsed !== undefined) return readFormatted(name, type, format, parsed);
  return decimalMark === "." ? readDeclared(name, type) : readNumber(name, type, decimalMark);
}

const zoned = "TIMESTAMP WITH TIME ZONE";

const formattedTypes = /^(DATE|TIME|TIMESTAMP(_S|_MS|_NS| WITH TIME ZONE)?)$/;

function misfit(
  name: string,
  option: string,
  type: string,
  hint = "`decimalMark` is for numbers, `format` for dates and times",
): MillraceError {
  return new MillraceError(
    "VALUE_INVALID",
    `\`${option}\` of csv column \`${name}\` does not go with type \`${type}\``,
    { hint },
  );
}
