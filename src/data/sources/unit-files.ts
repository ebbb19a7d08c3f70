// Of which unit a row is, told by the file that it lies in.
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { withFileColumn } from "./row-files.ts";
import type { SourceRows } from "./source-rows.ts";

/** What names of files begin with that have rows of one unit. @param unit its place, from 0 */
export function unitPrefix(unit: number): string {
  return `unit-${unit}-`;
}

type FileRows = Pick<SourceRows, "sql" | "telling" | "nameSql">;

/** The rows with one more column: the place of the unit of each, out of the names of files with `unitPrefix`. */
export async function withUnitColumn(
  session: EngineSession,
  rows: FileRows,
  column: string,
): Promise<string | undefined> {
  const name = quoteIdentifier(column);
  return await replaceFile(session, rows, column, `regexp_extract(${name}, '^.*unit-(\\d+)-[^/\\\\]*$', 1)`);
}

/** The same, where people know the files by names. @param units place of the unit of each file, by its name */
export async function withNamedUnits(
  session: EngineSession,
  rows: FileRows,
  column: string,
  units: ReadonlyMap<string, number>,
): Promise<string | undefined> {
  const names = `[${Array.from(units.keys(), quoteLiteral).join(", ")}]`;
  const place = `list_position(${names}, ${quoteIdentifier(column)})`;
  return await replaceFile(session, rows, column, `[${[...units.values()].join(", ")}][${place}]`);
}

/** @param unit SQL of the unit's place, out of the column with the file */
async function replaceFile(
  session: EngineSession,
  rows: FileRows,
  column: string,
  unit: string,
): Promise<string | undefined> {
  if (rows.sql === undefined) return undefined;
  // no file is below this folder, so that all of them have their whole names
  const told = await withFileColumn(session, rows, column, "/dev/null");
  if (told === undefined) throw new MillraceError("INTERNAL", "the source does not tell of which unit a row is");
  return `SELECT * REPLACE (CAST(${unit} AS INTEGER) AS ${quoteIdentifier(column)}) FROM (\n${told}\n)`;
}
