// Rows of a database are copied to the spool as texts, once, and read from there as often as it is needed.
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
import { readUnits } from "./read-units.ts";
import { bindParams } from "./sql-params.ts";
import { uniteUnits } from "./unite-units.ts";
import { readMysql } from "./read-mysql.ts";
import { readPostgres } from "./read-postgres.ts";
import { readSqlite } from "./read-sqlite.ts";

/** Copies the rows as they are at one moment. @throws MillraceError `SOURCE_MISSING`, `SOURCE_UNREADABLE`, and what the database refuses */
export async function openSqlSource(source: SqlSource, opening: SourceOpening): Promise<OpenSource> {
  await makeFolder(opening.spool);
  const { params = [] } = source;
  const read = await readUnits(opening, ({ variables }) =>
    readRows({ ...source, params: bindParams(params, variables) }, opening),
  );
  const { columns, spools, ...more } = uniteUnits(read.parts);
  assertNames(columns);
  return {
    rows: { sql: spoolRelation(spools, columns) },
    isRepeatable: true,
    rowCount: spools.reduce((sum, { rows }) => sum + rows, 0),
    ...more,
    warnings: [...(more.warnings ?? []), ...read.warnings],
    explain: (error) => explain(error, columns, spools, opening),
  };
}

async function readRows(source: BoundSource, opening: SourceOpening): Promise<CopiedRows> {
  const path = findSqlitePath(source);
  if (path !== undefined) return await readSqlite({ ...source, path }, opening);
  const name = toDatabaseName(source);
  const read = isMysql(await findDatabase(name)) ? readMysql : readPostgres;
  return await read(name, source, opening);
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
