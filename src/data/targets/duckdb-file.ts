// A DuckDB database file attached to an engine session for as long as one piece of work needs it.
// A process may attach a file once at a time, so work on the same file waits in line.
import { randomUUID } from "node:crypto";
import { type Column, type EngineSession, quoteIdentifier, quoteLiteral } from "../../compute/engine.ts";
import { MillraceError } from "../../core/errors.ts";

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
  const before = lines.get(path) ?? Promise.resolve();
  const turn = Promise.withResolvers<void>();
  const line = before.then(() => turn.promise);
  lines.set(path, line);
  await before;
  try {
    return await attached(session, path, options.readOnly, work);
  } finally {
    if (lines.get(path) === line) lines.delete(path);
    turn.resolve();
  }
}

/** Path → the end of the last piece of work in line. */
const lines = new Map<string, Promise<void>>();

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
          WHERE database_name = ${quoteLiteral(alias)} AND schema_name = 'main' AND lower(table_name) = lower(${quoteLiteral(table)})
          ORDER BY column_index`,
      );
      const columns = rows.map((row) => ({ name: String(row["name"]), type: String(row["type"]) }));
      return columns.length === 0 ? undefined : columns;
    },
  };
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
