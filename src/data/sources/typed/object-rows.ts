// Rows of files whose values say no type: they become JSON objects, whose types follow from all of them.
import { join } from "node:path";
import { randomUUID } from "node:crypto";
import { type EngineSession, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { parseRowsPath } from "../../pages/rows-path.ts";
import type { FileReading } from "../file-format.ts";
import type { SourceRows } from "../source-rows.ts";

export interface ObjectReading extends Pick<FileReading<object, string>, "spool" | "table" | "openObjects"> {
  readonly session: EngineSession;
  /**
   * The rows of a file, each a JSON object, in chunks.
   * @throws MillraceError `SOURCE_UNREADABLE` for a file that is damaged or ends too early
   */
  readonly lines: (file: string) => AsyncIterable<readonly string[]>;
}

/**
 * One relation over the rows of all files, united by column name, in the order of the files.
 * @throws MillraceError `SOURCE_UNREADABLE` naming the file
 */
export async function objectRows(files: readonly string[], reading: ObjectReading): Promise<SourceRows> {
  const { spool, table, openObjects, session, lines } = reading;
  const folder = join(spool, randomUUID());
  using objects = openObjects({
    folder,
    path: parseRowsPath(undefined, "rows"),
    isOptional: false,
    tellsUnits: false,
    noun: "file",
  });
  for (const [index, file] of files.entries()) {
    const place = files.length > 1 ? `${JSON.stringify(fileColumn)}:${index + 1}` : "";
    const { problem } = await objects.read({ body: toList(lines(file), place), isEndKnown: true }, file);
    if (problem !== undefined) throw problem;
    objects.keep();
  }
  return await tellFiles(session, await objects.finish(session, table), files);
}

/** Holds the number of each row's file; no row has a column of this name. */
const fileColumn = "\u{E000}file";

async function* toList(chunks: AsyncIterable<readonly string[]>, place: string): AsyncGenerator<Uint8Array, void> {
  let separator = "[";
  for await (const rows of chunks) {
    if (rows.length === 0) continue;
    const texts = place === "" ? rows : rows.map((row) => `{${place}${row === "{}" ? "" : ","}${row.slice(1)}`);
    yield Buffer.from(`${separator}${texts.join(",\n")}`);
    separator = ",\n";
  }
  yield Buffer.from(separator === "[" ? "[]" : "]");
}

/** Takes the number of the file away, unless the file is asked for. */
async function tellFiles(session: EngineSession, rows: SourceRows, files: readonly string[]): Promise<SourceRows> {
  const { sql } = rows;
  if (sql === undefined) return rows;
  const [only = "", ...others] = files;
  if (others.length === 0) {
    return {
      ...rows,
      telling: (column) => `SELECT *, ${quoteLiteral(only)} AS ${quoteIdentifier(column)} FROM (${sql})`,
    };
  }
  // rows without a single field tell no column
  if ((await session.describe(sql)).length === 1) return { untyped: [], warnings: [], rowCount: rows.rowCount ?? 0 };
  const number = quoteIdentifier(fileColumn);
  const list = `[${files.map(quoteLiteral).join(", ")}]`;
  const bare = `SELECT * EXCLUDE (${number})`;
  return {
    ...rows,
    sql: `${bare} FROM (${sql})`,
    telling: (column) => `${bare}, ${list}[${number}] AS ${quoteIdentifier(column)} FROM (${sql})`,
    untyped: rows.untyped.filter((name) => name !== fileColumn),
  };
}
