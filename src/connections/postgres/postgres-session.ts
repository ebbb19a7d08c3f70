// One connection to a Postgres database for one piece of work. Every value comes as the server's text of it, so that none is rounded.
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import type { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { MillraceError } from "../../core/errors/errors.ts";
import { type DatabaseName, describeAddress } from "../database/database-address.ts";
import { findDatabase } from "../database/find-database.ts";
import { toPostgresError } from "./postgres-error.ts";

/** A column of a result: the number of its type, and what is said of the type beyond that, -1 for nothing. */
export interface PostgresField {
  readonly name: string;
  readonly typeId: number;
  readonly modifier: number;
}

/** A session in UTC, with dates in ISO form and numbers with every digit. */
export interface PostgresSession {
  /** @returns how many rows the statement has inserted, changed or deleted, 0 for any other */
  execute(sql: string): Promise<number>;
  /** Rows as the server's texts, by column in order. */
  query(sql: string, values?: readonly (string | null)[]): Promise<(string | null)[][]>;
  /** The columns of a query, which is not run for its rows. */
  describe(sql: string, values?: readonly (string | null)[]): Promise<PostgresField[]>;
  /** Gives bytes to `COPY … FROM STDIN` as fast as the server takes them. */
  copyIn(sql: string, bytes: Readable): Promise<void>;
  /** The bytes of `COPY … TO STDOUT`, read as they are asked for; the rows are counted when they are at their end. */
  copyOut(sql: string): Readable & { readonly rowCount: number };
}

export interface PostgresAccess {
  readonly signal?: AbortSignal;
  /** How long a lock is waited for; default half a minute. */
  readonly lockTimeoutMs?: number;
}

/**
 * Connects for `work`; what it leaves open ends with the connection.
 * @throws MillraceError `SERVICE_UNAVAILABLE` to be tried again, `AUTHENTICATION_FAILED`, `PERMISSION_DENIED`, `SOURCE_MISSING`,
 *   `SQL_INVALID`, `TARGET_CONFLICT`, `REQUEST_REJECTED`, `RUN_STOPPED`
 */
export async function withPostgres<T>(
  name: DatabaseName,
  { signal, lockTimeoutMs = 30_000 }: PostgresAccess,
  work: (session: PostgresSession) => Promise<T>,
): Promise<T> {
  const [{ url }, driver] = await Promise.all([findDatabase(name, "postgres"), loadDriver()]);
  const client = new driver.Client({
    connectionString: url.href,
    application_name: "millrace",
    connectionTimeoutMillis: connectTimeoutMs,
    keepAlive: true,
    types: { getTypeParser: () => (text: string) => text },
  });
  // a connection that breaks tells the statement under way; untold, the same news would end the process
  client.on("error", () => {});
  const { connection } = client as unknown as DriverInternals;
  const stop = (): void => connection.stream.destroy();
  try {
    assertNotStopped(signal);
    await client.connect();
    signal?.addEventListener("abort", stop, { once: true });
    assertNotStopped(signal);
    await client.query(settings(lockTimeoutMs));
    return await work(createSession(client, driver));
  } catch (error) {
    throw toPostgresError(error, { place: describeAddress(name), signal });
  } finally {
    signal?.removeEventListener("abort", stop);
    await client.end().catch(() => undefined);
  }
}

const connectTimeoutMs = 15_000;

interface Driver {
  readonly Client: typeof pg.Client;
  readonly copyFrom: typeof copyFrom;
  readonly copyTo: typeof copyTo;
}

/** Loaded when the first session begins: most runs talk to no database, and each would wait for it. */
async function loadDriver(): Promise<Driver> {
  const [{ default: driver }, copy] = await Promise.all([import("pg"), import("pg-copy-streams")]);
  return { Client: driver.Client, copyFrom: copy.from, copyTo: copy.to };
}

/** The driver has no other way to end a statement from outside at once. */
interface DriverInternals {
  readonly connection: { readonly stream: { destroy(): void } };
}

function settings(lockTimeoutMs: number): string {
  return [
    "SET TimeZone = 'UTC'",
    "SET DateStyle = 'ISO, YMD'",
    "SET IntervalStyle = 'postgres'",
    "SET extra_float_digits = 1",
    "SET bytea_output = 'hex'",
    "SET client_encoding = 'UTF8'",
    "SET standard_conforming_strings = on",
    `SET lock_timeout = ${lockTimeoutMs}`,
    "SET idle_in_transaction_session_timeout = 0",
  ].join("; ");
}

function createSession(client: pg.Client, { copyFrom, copyTo }: Driver): PostgresSession {
  const ask = async (
    sql: string,
    values?: readonly (string | null)[],
  ): Promise<pg.QueryArrayResult<(string | null)[]>> =>
    await client.query({ text: sql, rowMode: "array", ...(values === undefined ? {} : { values: [...values] }) });
  return {
    execute: async (sql) => (await client.query(sql)).rowCount ?? 0,
    query: async (sql, values) => (await ask(sql, values)).rows,
    async describe(sql, values) {
      const { fields } = await ask(`SELECT * FROM (${sql}\n) AS described LIMIT 0`, values);
      return fields.map(({ name, dataTypeID: typeId, dataTypeModifier: modifier }) => ({ name, typeId, modifier }));
    },
    async copyIn(sql, bytes) {
      await pipeline(bytes, client.query(copyFrom(sql)));
    },
    copyOut: (sql) => client.query(copyTo(sql)),
  };
}

function assertNotStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new MillraceError("RUN_STOPPED", "the run was stopped before it reached a database", { cause: signal.reason });
}
