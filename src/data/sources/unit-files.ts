// Of which unit a row is, told by the name of the file in the spool that it lies in.
import { type EngineSession, quoteIdentifier } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { withFileColumn } from "./row-files.ts";
import type { SourceRows } from "./source-rows.ts";

/** What names of files begin with. @param unit its place, from 0 */
export function unitPrefix(unit: number): string {
  return `unit-${unit}-`;
}

/** The rows with one more column: the place of the unit of each. @param folder that the files lie in */
export async function withUnitColumn(
  session: EngineSession,
  rows: Pick<SourceRows, "sql" | "telling">,
  column: string,
  folder: string,
): Promise<string | undefined> {
  if (rows.sql === undefined) return undefined;
  const told = await withFileColumn(session, rows, column, folder);
  if (told === undefined) throw new MillraceError("INTERNAL", "the source does not tell of which unit a row is");
  const name = quoteIdentifier(column);
  const unit = `CAST(regexp_extract(${name}, '^.*unit-(\\d+)-[^/\\\\]*$', 1) AS INTEGER)`;
  return `SELECT * REPLACE (${unit} AS ${name}) FROM (\n${told}\n)`;
}
