// CSV as a relation. Only column types are inferred, from every row: a guessed dialect can turn a broken file into other rows.
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors.ts";
import type { CsvOptions } from "../../core/source.ts";
import { fileList } from "./file-list.ts";

/**
 * One `select` over the rows of csv files, united by column name.
 * @throws MillraceError `SOURCE_UNREADABLE` naming file and line
 */
export async function csvRelation(
  session: EngineSession,
  files: readonly string[],
  options: CsvOptions,
): Promise<string> {
  const delimiter = options.delimiter ?? (await findDelimiter(session, files));
  const dialect = dialectOf(delimiter, options);
  if (options.columns !== undefined) {
    const columns = Object.entries(options.columns).map(([name, type]) => ({ name, type }));
    return read(files, dialect, `auto_detect = false, columns = ${typeMap(columns)}`);
  }
  const united = `${dialect}, union_by_name = true`;
  const inferred = await infer(session, read(files, united, "sample_size = -1"), () =>
    findBrokenRow(session, files, delimiter, dialect),
  );
  // told the types, the engine does not look through all rows again whenever the query is bound
  return read(files, united, `types = ${typeMap(inferred)}`);
}

/** `{"a": 'INTEGER'}` */
function typeMap(columns: readonly Column[]): string {
  return `{${columns.map(({ name, type }) => `${quoteIdentifier(name)}: ${quoteLiteral(type)}`).join(", ")}}`;
}

function read(files: readonly string[], dialect: string, more: string): string {
  return `SELECT * FROM read_csv(${fileList(files)}, ${dialect}, ${more}, hive_partitioning = false)`;
}

function dialectOf(delimiter: string, { header = true, nullValues = [] }: CsvOptions): string {
  const nulls = ["", ...nullValues].map(quoteLiteral).join(", ");
  return `delim = ${quoteLiteral(delimiter)}, quote = '"', escape = '"', header = ${header}, nullstr = [${nulls}]`;
}

const delimiters: readonly string[] = [",", ";", "\t", "|"];

async function findDelimiter(session: EngineSession, files: readonly string[]): Promise<string> {
  const line = (await firstLine(session, files[0] ?? "")).replaceAll(/"[^"]*"/g, "");
  const counts = delimiters.map((delimiter) => line.split(delimiter).length);
  return delimiters[counts.indexOf(Math.max(...counts))] ?? ",";
}

async function firstLine(session: EngineSession, file: string): Promise<string> {
  // a delimiter that no text has: the line is one field
  const whole =
    "auto_detect = false, delim = '\u0001', quote = '', escape = '', header = false, columns = {line: 'VARCHAR'}";
  const [row] = await session.query(`SELECT line FROM read_csv(${fileList([file])}, ${whole}) LIMIT 1`);
  const line = row?.["line"];
  return typeof line === "string" ? line : "";
}

async function infer(session: EngineSession, sql: string, explain: () => Promise<void>): Promise<Column[]> {
  try {
    return await session.describe(sql);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "SOURCE_UNREADABLE") await explain();
    throw error;
  }
}

/** Inference says that a file is broken; reading it with as many columns as its first line has says where. */
async function findBrokenRow(
  session: EngineSession,
  files: readonly string[],
  delimiter: string,
  dialect: string,
): Promise<void> {
  for (const file of files) {
    const fields = (await firstLine(session, file)).replaceAll(/"[^"]*"/g, "").split(delimiter);
    const columns = fields.map((_, index) => ({ name: `column${index}`, type: "VARCHAR" }));
    const rows = read([file], dialect, `auto_detect = false, columns = ${typeMap(columns)}`);
    await session.query(`SELECT count(COLUMNS(*)) FROM (${rows})`);
  }
}
