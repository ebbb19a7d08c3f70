// Rows of Postgres in a spool: COPY gives them faster than rows could pass through here.
import { createWriteStream } from "node:fs";
import { pipeline } from "node:stream/promises";
import { quoteIdentifier } from "../../compute/engine.ts";
import type { PostgresSession } from "../../connections/postgres/postgres-session.ts";
import { type TextSpool, toSpool } from "../files/text-spool.ts";
import type { PostgresColumn } from "./postgres-column.ts";

/** Copies rows to a new file. */
export async function spoolRows(session: PostgresSession, texts: TextSelect, path: string): Promise<TextSpool> {
  // an empty text alone in its row would be an empty line, which is no row to others
  const quoting = texts.width === 1 ? ", FORCE_QUOTE *" : "";
  const rows = session.copyOut(`COPY (${texts.sql}) TO STDOUT (FORMAT csv, NULL '\\N'${quoting})`);
  await pipeline(rows, createWriteStream(path, { flags: "wx" }));
  return await toSpool(path, rows.rowCount);
}

/** A select of the texts of columns. */
export interface TextSelect {
  readonly sql: string;
  readonly width: number;
}

/** @param from a table, or a query with an alias, whose columns are called as in `names` */
export function selectTexts(columns: readonly PostgresColumn[], from: string, names: readonly string[]): TextSelect {
  const texts = columns.map((column, index) => column.toText(quoteIdentifier(names[index] ?? column.name)));
  return { sql: `SELECT ${texts.join(", ")} FROM ${from}`, width: columns.length };
}
