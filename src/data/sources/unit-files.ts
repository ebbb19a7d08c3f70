// Of which unit a row is, told by the file that it lies in.
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { withFileColumn } from "./row-files.ts";
import type { SourceRows } from "./source-rows.ts";

/** What names of files begin with that have rows of one unit. @param unit its place, from 0 */
export function unitPrefix(unit: number): string {
  return `unit-${unit}-`;
}

type FileRows = Pick<SourceRows, "sql" | "telling" | "nameSql" | "units">;

/** The rows with one more column: the place of the unit of each, out of the names of files with `unitPrefix`, or by their `units`. */
export async function withUnitColumn(
  session: EngineSession,
  rows: FileRows,
  column: string,
): Promise<string | undefined> {
  if (rows.sql === undefined) return undefined;
  // no file is below this folder, so that all of them have their whole names
  const told = await withFileColumn(session, rows, column, "/dev/null");
  if (told === undefined) throw new MillraceError("INTERNAL", "the source does not tell of which unit a row is");
  const name = quoteIdentifier(column);
  const unit = rows.units === undefined ? prefixOf(name) : lookUp(rows.units, name);
  return `SELECT * REPLACE (${unit} AS ${name}) FROM (\n${told}\n)`;
}

function prefixOf(name: string): string {
  return `CAST(regexp_extract(${name}, '^.*unit-(\\d+)-[^/\\\\]*$', 1) AS INTEGER)`;
}

/** An enumeration finds a name among thousands at once, and refuses one that is not among them. */
function lookUp(units: ReadonlyMap<string, number>, name: string): string {
  const names = `ENUM(${Array.from(units.keys(), quoteLiteral).join(", ")})`;
  return `[${[...units.values()].join(", ")}][enum_code(CAST(${name} AS ${names})) + 1]`;
}
