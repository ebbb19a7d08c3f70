// Rows as a file for people, which no folder has any more once it is opened: whoever stops reading leaves nothing behind.
import { mkdir, open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import type { ExportedRows } from "../../core/dataset/dataset-reader.ts";
import { type ExportFormat, keepsTypes } from "../../core/export-format.ts";

export interface ExportOptions {
  readonly format: ExportFormat;
  /** Where it is written; is removed. */
  readonly folder: string;
  readonly signal: AbortSignal;
}

/**
 * CSV has a header, instants as ISO 8601 with their zone, lists as JSON, and nothing between two commas for NULL, where a text without a letter has quotes.
 * @throws MillraceError `SQL_FAILED` and what a full disk gives
 */
export async function exportRows(
  session: EngineSession,
  sql: string,
  { format, folder, signal }: ExportOptions,
): Promise<ExportedRows> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const parquet = join(folder, "rows.parquet");
  await session.writeParquet(sql, { path: parquet, signal });
  const path = keepsTypes(format) ? parquet : await toCsv(session, parquet, { folder, signal });
  const { size } = await stat(path);
  const handle = await open(path);
  await rm(folder, { recursive: true, force: true });
  return { bytes: handle.createReadStream(), size };
}

/** Over the file of rows, since the engine writes no CSV of tables whose files are chosen for each query. */
async function toCsv(
  session: EngineSession,
  parquet: string,
  { folder, signal }: Pick<ExportOptions, "folder" | "signal">,
): Promise<string> {
  const path = join(folder, "rows.csv");
  const from = `read_parquet(${quoteLiteral(parquet)})`;
  const columns = await session.describe(`SELECT * FROM ${from}`);
  const selected = columns.map(({ name, type }) => toText(name, type));
  await session.execute(
    `COPY (SELECT ${selected.join(", ")} FROM ${from}) TO ${quoteLiteral(path)} (FORMAT csv, HEADER)`,
    { signal },
  );
  return path;
}

function toText(name: string, type: string): string {
  const column = quoteIdentifier(name);
  if (type.startsWith("TIMESTAMP")) return `strftime(${column}, '%Y-%m-%dT%H:%M:%S.%fZ') AS ${column}`;
  return type.endsWith("]") || /^(?:STRUCT|MAP)\b/.test(type) ? `to_json(${column}) AS ${column}` : column;
}
