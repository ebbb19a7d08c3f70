// One connection to a MySQL or MariaDB database for one piece of work. Every value comes as the bytes of the server's text of it, so
// that none is rounded, cut or moved to another time zone by the driver.
import type { Readable } from "node:stream";
import type { Connection, FieldPacket } from "mysql2";
import { MillraceError } from "../../core/errors/errors.ts";
import { type DatabaseName, describeAddress } from "../database/database-address.ts";
import { findDatabase } from "../database/find-database.ts";
import { toMysqlError } from "./mysql-error.ts";
import type { MysqlRow } from "./mysql-row.ts";
import { toDriverOptions } from "./mysql-options.ts";
import { pacedBytes, streamRows, untilLost } from "./mysql-streams.ts";

/** A value that is bound. */
export type MysqlValue = string | number | bigint | boolean | null;

/** A column of a result, as the protocol describes it. */
export interface MysqlField {
  readonly name: string;
  /** Number of the type in the protocol. */
  readonly typeId: number;
  /** Characters or bytes that a value may have at most; of numbers with sign and point. */
  readonly length: number;
  readonly decimals: number;
  readonly isUnsigned: boolean;
  /** Whether texts are bytes without a character set. */
  readonly isBinary: boolean;
  /** Whether texts are JSON, which MariaDB has no type for. */
  readonly isJson: boolean;
  /** What MariaDB calls a type that the protocol has no number for, such as `uuid`; empty for others. */
  readonly extended: string;
}

/** What a statement has done. */
export interface MysqlEffect {
  readonly rows: number;
  /** Values that the server has changed to make them fit, and the like. */
  readonly warnings: number;
}

/** A session in UTC, in which a value that does not fit is an error wherever the server can make it one. */
export interface MysqlSession {
  readonly isMariaDb: boolean;
  execute(sql: string): Promise<MysqlEffect>;
  /** Rows as the server's texts, by column in order. */
  query(sql: string): Promise<(string | null)[][]>;
  /** The columns of a query, which is not run. */
  describe(sql: string): Promise<MysqlField[]>;
  /**
   * Makes a statement with `?` one that has no values any more: they are bound to it on the server, and never part of a text.
   * @returns what runs it
   */
  bind(sql: string, values: readonly MysqlValue[]): Promise<string>;
  /** Rows in chunks, as fast as they are asked for. */
  stream(sql: string): AsyncIterable<readonly MysqlRow[]>;
  /** Gives bytes to `LOAD DATA LOCAL INFILE` as fast as the server takes them. */
  load(sql: string, bytes: Readable): Promise<MysqlEffect>;
}

export interface MysqlAccess {
  readonly signal?: AbortSignal | undefined;
  /** How long a lock is waited for; default half a minute. */
  readonly lockTimeoutS?: number;
}

/**
 * Connects for `work`; what it leaves open ends with the connection, which is cut off when the signal comes.
 * @throws MillraceError `SERVICE_UNAVAILABLE` to be tried again, `AUTHENTICATION_FAILED`, `PERMISSION_DENIED`, `SOURCE_MISSING`,
 *   `SQL_INVALID`, `TARGET_CONFLICT`, `REQUEST_REJECTED`, `RUN_STOPPED`
 */
export async function withMysql<T>(
  name: DatabaseName,
  { signal, lockTimeoutS = 30 }: MysqlAccess,
  work: (session: MysqlSession) => Promise<T>,
): Promise<T> {
  // loaded when the first session begins: most runs talk to no such database
  const [{ url }, { createConnection }] = await Promise.all([findDatabase(name, "mysql"), import("mysql2")]);
  assertNotStopped(signal);
  const connection = createConnection(toDriverOptions(url));
  // a connection that breaks tells the statement under way; untold, the same news would end the process
  connection.on("error", () => undefined);
  const stop = (): void => connection.destroy();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await new Promise<void>((resolve, reject) => {
      connection.connect((error) => (error === null ? resolve() : reject(error)));
    });
    const lost = untilLost(connection);
    lost.catch(() => undefined); // heard of by whoever waits then
    const session = createSession(connection, lost);
    await session.execute(settings(lockTimeoutS));
    // whatever the server's default: below this level a snapshot is none, and the server says so in a warning only
    await session.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    const [[version = ""] = []] = await session.query("SELECT version()");
    return await work({ ...session, isMariaDb: /mariadb/i.test(version ?? "") });
  } catch (error) {
    throw toMysqlError(error, { place: describeAddress(name), signal });
  } finally {
    signal?.removeEventListener("abort", stop);
    // whatever is still on its way is not read to its end
    connection.destroy();
  }
}

/** A consumer may be slow, so that the server waits an hour for it; warnings are counted, and values are not bent to fit. */
function settings(lockTimeoutS: number): string {
  const modes = "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION";
  return `SET time_zone = '+00:00', sql_mode = '${modes}', net_write_timeout = 3600, net_read_timeout = 3600,
    wait_timeout = 28800, lock_wait_timeout = ${lockTimeoutS}, innodb_lock_wait_timeout = ${lockTimeoutS}`;
}

function createSession(connection: Connection, lost: Promise<never>): Omit<MysqlSession, "isMariaDb"> {
  const ask = async (sql: string, more: object = {}): Promise<unknown> =>
    await Promise.race([
      lost,
      new Promise((resolve, reject) => {
        // the driver calls back with an error or with what came
        connection.query({ sql, ...more }, (error, result: unknown) =>
          error === null ? resolve(result) : reject(error),
        );
      }),
    ]);
  return {
    execute: async (sql) => toEffect(await ask(sql)),
    query: async (sql) => ((await ask(sql)) as MysqlRow[]).map((row) => row.map((value) => value?.toString() ?? null)),
    describe: async (sql) => (await prepare(connection, sql)).map(toField),
    bind: (sql, values) => bind(connection, ask, sql, values),
    stream: (sql) => streamRows(connection, sql, lost),
    load: async (sql, bytes) => toEffect(await ask(sql, { infileStreamFactory: () => pacedBytes(connection, bytes) })),
  };
}

/**
 * The protocol of prepared statements has other texts for values than that of queries, so that the statement is prepared and run by
 * SQL, with variables of the session, which alone are set by a statement with bound values.
 */
async function bind(
  connection: Connection,
  ask: (sql: string) => Promise<unknown>,
  sql: string,
  values: readonly MysqlValue[],
): Promise<string> {
  const names = values.map((_value, index) => `@millrace_${index + 1}`);
  const isWhole = (value: MysqlValue): boolean => typeof value === "bigint" || Number.isSafeInteger(value);
  const assignments = values.map((value, index) => `${names[index]} = ${isWhole(value) ? "CAST(? AS SIGNED)" : "?"}`);
  const bound = values.map((value) => (isWhole(value) ? String(value) : value));
  await new Promise<void>((resolve, reject) => {
    connection.execute(
      { sql: `SET ${["@millrace_statement = ?", ...assignments].join(", ")}`, values: [sql, ...bound] },
      (error) => (error === null ? resolve() : reject(error)),
    );
  });
  await ask("PREPARE millrace_statement FROM @millrace_statement");
  return `EXECUTE millrace_statement${names.length === 0 ? "" : ` USING ${names.join(", ")}`}`;
}

async function prepare(connection: Connection, sql: string): Promise<readonly FieldPacket[]> {
  const { promise, resolve, reject } = Promise.withResolvers<readonly FieldPacket[]>();
  connection.prepare(sql, (error, statement) => {
    if (error !== null) return reject(error);
    // the types of the driver have no word for the columns that it keeps
    resolve((statement as unknown as { readonly columns: readonly FieldPacket[] }).columns);
    statement.close();
  });
  return await promise;
}

function toField(field: FieldPacket): MysqlField {
  const { extendedTypeName, extendedFormat } = field as { extendedTypeName?: string; extendedFormat?: string };
  return {
    name: field.name,
    typeId: field.columnType ?? field.type ?? -1,
    length: field.columnLength ?? field.length ?? 0,
    decimals: field.decimals,
    isUnsigned: (Number(field.flags) & unsignedFlag) !== 0,
    isBinary: field.characterSet === binaryCharset,
    isJson: extendedFormat === "json" || (field.columnType ?? field.type) === jsonType,
    extended: extendedTypeName ?? "",
  };
}

/** @see https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/result-set-packets */
const [unsignedFlag, binaryCharset, jsonType] = [32, 63, 245];

function toEffect(result: unknown): MysqlEffect {
  const { affectedRows = 0, warningStatus = 0 } = result as { affectedRows?: number; warningStatus?: number };
  return { rows: affectedRows, warnings: warningStatus };
}

function assertNotStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new MillraceError("RUN_STOPPED", "the run was stopped before it reached a database", { cause: signal.reason });
}
