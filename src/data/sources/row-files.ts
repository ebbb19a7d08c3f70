// Out of which file a row came, for rows that are read as they are.
import { join } from "node:path";
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { SourceRows } from "./source-rows.ts";

/**
 * The rows of a relation over files with one more column: the path of each row's file, relative to the project.
 * @returns nothing where the relation does not hand it through, or has a column that hides it
 */
export async function withFileColumn(
  session: EngineSession,
  { sql, telling, nameSql }: Pick<SourceRows, "sql" | "telling" | "nameSql">,
  column: string,
  root: string,
): Promise<string | undefined> {
  if (sql === undefined) return undefined;
  const told = telling?.(column) ?? (await tellByEngine(session, sql, column));
  if (told === undefined) return undefined;
  const path = quoteIdentifier(column);
  const name = nameSql === undefined ? path : `(${nameSql(path)})`;
  const folder = join(root, "/");
  return `SELECT * REPLACE (CASE WHEN starts_with(${name}, ${quoteLiteral(folder)})
    THEN substr(${name}, ${folder.length + 1}) ELSE ${name} END AS ${path}) FROM (${told})`;
}

async function tellByEngine(session: EngineSession, relation: string, column: string): Promise<string | undefined> {
  const columns = await session.describe(relation);
  const isHidden = columns.some(({ name }) => name.toLowerCase() === "filename");
  const sql = relation.replaceAll(reading, (_, reader: string, files: string) =>
    // the engine's name for the path, where no column of the files takes it away
    isHidden
      ? `, ${column} FROM ${reader}(${files}, filename = ${quoteLiteral(column)}`
      : `, filename AS ${column} FROM ${reader}(${files}`,
  );
  if (sql === relation) return undefined;
  const told = await session.describe(sql);
  return told.length === columns.length + 1 && told.at(-1)?.name === column ? sql : undefined;
}

/** Where a `select` reads files by a function of the engine; the file is one column more, behind those that it takes from them. */
const reading = / FROM (read_[a-z]+)\((\[(?:'(?:[^']|'')*'(?:, )?)*\]|'(?:[^']|'')*')/g;
