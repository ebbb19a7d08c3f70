// Rows of a database are copied to the spool as texts, once, and read from there as often as it is needed.
import { quoteIdentifier } from "../../../compute/engine.ts";
import { trimStatement } from "../../../compute/sql-text.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { makeFolder } from "../../files/file-system.ts";
import { type SpoolColumn, spoolMisfits, spoolRelation, type TextSpool } from "../../files/text-spool.ts";
import type { OpenSource, SourceOpening } from "../../source.ts";
import { findDatabase } from "../../../connections/database/find-database.ts";
import { isMysql } from "../../../connections/database/database-address.ts";
import { toDatabaseName } from "../../../connections/database/database-choice.ts";
import type { CopiedRows } from "./copied-rows.ts";
import { findSqlitePath, type SqlSource } from "./options.ts";
import type { BoundSource } from "./bound-source.ts";
import { readUnits, type UnitRows } from "./read-units.ts";
import { bindParams } from "./sql-params.ts";
import { uniteUnits } from "./unite-units.ts";
import { readMysql } from "./read-mysql.ts";
import { readPostgres } from "./read-postgres.ts";
import { readSqlite } from "./read-sqlite.ts";

/** Copies the rows as they are at one moment. @throws MillraceError `SOURCE_MISSING`, `SOURCE_UNREADABLE`, and what the database refuses */
export async function openSqlSource(declared: SqlSource, opening: SourceOpening): Promise<OpenSource> {
  const source = limited(declared, opening.reading.rowsWanted);
  await makeFolder(opening.spool);
  const { params = [] } = source;
  const read = await readUnits(opening, ({ variables }) =>
    readRows({ ...source, params: bindParams(params, variables) }, opening),
  );
  const { columns, spools, ...more } = uniteUnits(read.parts);
  assertNames(columns);
  return {
    rows: {
      sql:
        opening.unitColumn === undefined
          ? spoolRelation(spools, columns)
          : tellUnits(read.parts, columns, opening.unitColumn),
    },
    isRepeatable: true,
    rowCount: spools.reduce((sum, { rows }) => sum + rows, 0),
    ...more,
    warnings: [...(more.warnings ?? []), ...read.warnings],
    explain: (error) => explain(error, columns, spools, opening),
  };
}

/** With one more column: the place of each row's unit. */
function tellUnits(parts: readonly UnitRows[], columns: readonly SpoolColumn[], column: string): string {
  const selects = parts.map(
    ({ spools, unit }) => `SELECT *, ${unit} AS ${quoteIdentifier(column)} FROM (${spoolRelation(spools, columns)})`,
  );
  return selects.join("\nUNION ALL\n");
}

async function readRows(source: BoundSource, opening: SourceOpening): Promise<CopiedRows> {
  const path = findSqlitePath(source);
  if (path !== undefined) return await readSqlite({ ...source, path }, opening);
  const name = toDatabaseName(source);
  const read = isMysql(await findDatabase(name)) ? readMysql : readPostgres;
  return await read(name, source, opening);
}

/** A query that the database gives only so many rows of. A table is read as a whole, by its own way. */
function limited(source: SqlSource, rows: number | undefined): SqlSource {
  const { query } = source;
  if (rows === undefined || query === undefined) return source;
  return { ...source, query: `SELECT * FROM (\n${trimStatement(query)}\n) AS millrace_sample LIMIT ${rows}` };
}

function assertNames(columns: readonly SpoolColumn[]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    const isThere = seen.has(name.toLowerCase());
    seen.add(name.toLowerCase());
    if (!isThere) continue;
    throw new MillraceError("SOURCE_UNREADABLE", `two columns of what the source reads are called \`${name}\``, {
      hint: "give one of them another name in the `query`; upper and lower case are one name",
    });
  }
}

/** The engine says what it could not cast, which is a value, but not of which column. */
async function explain(
  error: unknown,
  columns: readonly SpoolColumn[],
  spools: readonly TextSpool[],
  { session }: SourceOpening,
): Promise<unknown> {
  if (!(error instanceof MillraceError) || error.code !== "SQL_FAILED") return error;
  const [counts] = await session.query(spoolMisfits(spools, columns));
  const found = columns.find((_column, index) => Number(counts?.[`c${index}`]) > 0);
  if (found === undefined) return error;
  const rows = String(counts?.[`c${columns.indexOf(found)}`]);
  const message = `column \`${found.name}\` holds values that the type \`${found.type}\` has not, rows: \`${rows}\``;
  return new MillraceError("SOURCE_UNREADABLE", message, {
    hint: found.hint ?? "cast it to text in the `query` of the source, and further in `convert`",
  });
}
