// A DuckDB database file attached to an engine session for as long as one piece of work needs it.
// A process may attach a file once at a time, so work on the same file waits in line.
import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../../compute/engine.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { foldTableName } from "../../../core/dataset/dataset-location.ts";
import { errorCode, syncFolder } from "../../files/file-system.ts";
import { flushFile } from "../../staged-rows.ts";
import { inLine } from "../file-line.ts";

export interface DuckDbDatabase {
  readonly session: EngineSession;
  /** The table's name with the attached database in front, quoted. */
  qualify(table: string): string;
  /** Columns of a table, `undefined` when there is none. */
  columns(table: string): Promise<Column[] | undefined>;
}

/** @throws MillraceError `TARGET_CONFLICT` when another process has the file open, `TARGET_UNREADABLE` for another kind of file */
export async function withDuckDbFile<T>(
  session: EngineSession,
  path: string,
  options: { readonly readOnly: boolean },
  work: (file: DuckDbDatabase) => Promise<T>,
): Promise<T> {
  return await inLine(path, () => attached(session, path, options.readOnly, work));
}

/**
 * Makes a database that appears whole or not at all: it is made at `temporary`, beside `path`, and gets its name when `work` is done.
 * A database that is at `path` by then is worked on instead, or never overwritten. Nothing is left at `temporary`.
 * @throws MillraceError `TARGET_CONFLICT` when another process makes the same file, and as `withDuckDbFile` does
 */
export async function withNewDuckDbFile<T>(
  session: EngineSession,
  { path, temporary }: { readonly path: string; readonly temporary: string },
  work: (file: DuckDbDatabase) => Promise<T>,
): Promise<T> {
  return await inLine(path, async () => {
    if (existsSync(path)) return await attached(session, path, false, work);
    await removeDuckDbFile(temporary);
    try {
      const result = await attached(session, temporary, false, work);
      await flushFile(temporary);
      await putIfAbsent(temporary, path);
      return result;
    } finally {
      await removeDuckDbFile(temporary);
    }
  });
}

/** Removes a database and its log of writes; one that is not there is fine. */
export async function removeDuckDbFile(path: string): Promise<void> {
  for (const file of [path, `${path}.wal`]) await rm(file, { force: true });
}

async function putIfAbsent(from: string, to: string): Promise<void> {
  try {
    await link(from, to);
  } catch (error) {
    if (errorCode(error) === "EEXIST") {
      throw new MillraceError("TARGET_CONFLICT", `another process has made \`${to}\` at the same moment`, {
        cause: error,
        hint: "nothing; the run is tried again later and writes to that file",
      });
    }
    if (!["EPERM", "ENOTSUP", "ENOSYS", "EMLINK"].includes(errorCode(error) ?? "")) throw error;
    await rename(from, to); // a file system without hard links cannot refuse the second of two
  }
  await syncFolder(dirname(to));
}

async function attached<T>(
  session: EngineSession,
  path: string,
  readOnly: boolean,
  work: (file: DuckDbDatabase) => Promise<T>,
): Promise<T> {
  const alias = `millrace_${randomUUID().replaceAll("-", "")}`;
  try {
    await session.execute(`ATTACH ${quoteLiteral(path)} AS ${alias}${readOnly ? " (READ_ONLY)" : ""}`);
  } catch (error) {
    throw toAttachError(error, path);
  }
  try {
    return await work(toDatabase(session, alias));
  } finally {
    await session.execute(`DETACH ${alias}`);
  }
}

function toDatabase(session: EngineSession, alias: string): DuckDbDatabase {
  return {
    session,
    qualify: (table) => `${alias}.main.${quoteIdentifier(table)}`,
    async columns(table) {
      const rows = await session.query(
        `SELECT column_name AS name, data_type AS type FROM duckdb_columns()
          WHERE database_name = ${quoteLiteral(alias)} AND schema_name = 'main' AND ${sameName("table_name", table)}
          ORDER BY column_index`,
      );
      const columns = rows.map((row) => ({ name: String(row["name"]), type: String(row["type"]) }));
      return columns.length === 0 ? undefined : columns;
    },
  };
}

/** `lower` of the engine changes more letters than its catalog takes for equal. */
function sameName(column: string, table: string): string {
  return `translate(${column}, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', 'abcdefghijklmnopqrstuvwxyz') = ${quoteLiteral(foldTableName(table))}`;
}

function toAttachError(error: unknown, path: string): unknown {
  if (!(error instanceof MillraceError)) return error;
  if (/lock/i.test(error.message)) {
    return new MillraceError("TARGET_CONFLICT", `\`${path}\` is open in another process`, {
      cause: error,
      hint: "close the other program; a DuckDB file has one writer, and the run is tried again later",
    });
  }
  if (error.code !== "SOURCE_UNREADABLE") return error;
  const hint = "move the file away or name another path; it is not overwritten";
  return new MillraceError("TARGET_UNREADABLE", `DuckDB database \`${path}\`: ${error.message}`, {
    cause: error,
    hint,
  });
}
