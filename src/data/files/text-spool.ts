// Rows of a database in a file, each value as the text that the database has of it, so that none is rounded on the way to the engine.
import { open } from "node:fs/promises";
import { type Column, quoteIdentifier } from "../../compute/engine.ts";
import { csvDialect } from "./csv-dialect.ts";
import { fileList } from "./file-list.ts";
import { scanText, type TextScan } from "./text-scan.ts";

/** A file of rows: CSV with `\N` for NULL where it is not quoted. */
export interface TextSpool extends TextScan {
  readonly path: string;
  /** As those who wrote them count them. */
  readonly rows: number;
}

/** A column whose values are texts in a spool. */
export interface SpoolColumn extends Column {
  /** SQL of the engine: the value of a text. */
  fromText(text: string): string;
  /** SQL of the engine: whether a text stands for NULL. Default: none does. */
  standsForNull?(text: string): string;
  /** What to do about a text that is no value of the type. */
  readonly hint?: string;
}

/** Texts of one row. */
export type TextRow = readonly (string | null)[];

/** Says of a file of rows what its readers must know. */
export async function toSpool(path: string, rows: number): Promise<TextSpool> {
  return { path, rows, ...(await scanText(path, '"')) };
}

/** Writes rows that come in chunks to a new file; memory does not grow with their number. */
export async function writeSpool(
  path: string,
  chunks: AsyncIterable<readonly TextRow[]> | Iterable<readonly TextRow[]>,
): Promise<TextSpool> {
  const file = await open(path, "wx");
  let rows = 0;
  try {
    for await (const chunk of chunks) {
      rows += chunk.length;
      await file.write(chunk.map(toLine).join(""));
    }
  } finally {
    await file.close();
  }
  return await toSpool(path, rows);
}

/** One `select` of the engine over spools of the same columns. @param spools not empty */
export function spoolRelation(spools: readonly TextSpool[], columns: readonly SpoolColumn[]): string {
  const values = columns.map((column, index) => `${valueOf(column, `c${index}`)} AS ${quoteIdentifier(column.name)}`);
  return `SELECT ${values.join(", ")} FROM ${spoolTexts(spools, columns.length)}`;
}

/** Columns of which a text has no value of their type, each with the rows that have such a text; `rows` is one such query. */
export function spoolMisfits(spools: readonly TextSpool[], columns: readonly SpoolColumn[]): string {
  const misfits = columns.map((column, index) => {
    const text = `c${index}`;
    const isNull = column.standsForNull === undefined ? "" : ` AND NOT ${column.standsForNull(text)}`;
    return [index, `${text} IS NOT NULL${isNull} AND TRY(${column.fromText(text)}) IS NULL`] as const;
  });
  return countTexts(spools, columns.length, misfits);
}

/** Counts rows by conditions; each count is called after the column that its condition is about: `c0`. */
export function countTexts(
  spools: readonly TextSpool[],
  width: number,
  conditions: readonly (readonly [column: number, condition: string])[],
): string {
  const counts = conditions.map(([index, condition]) => `count(*) FILTER (WHERE ${condition}) AS c${index}`);
  return `SELECT ${counts.join(", ")} FROM ${spoolTexts(spools, width)}`;
}

function valueOf(column: SpoolColumn, text: string): string {
  const value = column.fromText(text);
  return column.standsForNull === undefined ? value : `CASE WHEN NOT ${column.standsForNull(text)} THEN ${value} END`;
}

/** The texts as a table of the engine. Columns have numbers, since names may differ in case only. */
function spoolTexts(spools: readonly TextSpool[], width: number): string {
  const fields = Array.from({ length: width }, (_, index) => `c${index}: 'VARCHAR'`);
  return `read_csv(${fileList(spools.map(({ path }) => path))}, header = false,
    nullstr = '\\N', allow_quoted_nulls = false, columns = {${fields.join(", ")}}, ${csvDialect(spools).join(", ")})`;
}

function toLine(row: TextRow): string {
  return `${row.map((value) => (value === null ? "\\N" : `"${value.replaceAll('"', '""')}"`)).join(",")}\n`;
}
