// Rows of Postgres in a file of text, as the engine reads them: with memory that does not grow with the rows.
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { quoteIdentifier } from "../../compute/engine.ts";
import type { PostgresSession } from "../../connections/postgres/postgres-session.ts";
import { csvDialect } from "../files/csv-dialect.ts";
import { fileList } from "../files/file-list.ts";
import { scanText, type TextScan } from "../files/text-scan.ts";
import type { PostgresColumn } from "./postgres-column.ts";

/** A file with rows in the server's texts. */
export interface PostgresSpool extends TextScan {
  readonly path: string;
}

/** Copies the rows of one select to a file. @param select gives the texts of the columns, as `selectTexts` asks for them */
export async function spoolRows(session: PostgresSession, select: string, path: string): Promise<PostgresSpool> {
  await pipeline(session.copyOut(`COPY (${select}) TO STDOUT (FORMAT csv, NULL '\\N')`), createWriteStream(path));
  return { path, ...(await scanText(path, '"')) };
}

/** The select that `spoolRows` takes. @param from a table, or a query with an alias, whose columns are called as in `names` */
export function selectTexts(columns: readonly PostgresColumn[], from: string, names: readonly string[]): string {
  const texts = columns.map((column, index) => column.toText(quoteIdentifier(names[index] ?? column.name)));
  return `SELECT ${texts.join(", ")} FROM ${from}`;
}

/** One `select` of the engine over spools of the same columns. @param spools not empty */
export function spoolRelation(spools: readonly PostgresSpool[], columns: readonly PostgresColumn[]): string {
  // names may differ in case only, which the engine does not tell apart
  const fields = columns.map((_column, index) => `c${index}: 'VARCHAR'`);
  const values = columns.map((column, index) => `${column.fromText(`c${index}`)} AS ${quoteIdentifier(column.name)}`);
  return `SELECT ${values.join(", ")} FROM read_csv(${fileList(spools.map(({ path }) => path))}, header = false,
    nullstr = '\\N', allow_quoted_nulls = false, columns = {${fields.join(", ")}}, ${csvDialect(spools).join(", ")})`;
}
