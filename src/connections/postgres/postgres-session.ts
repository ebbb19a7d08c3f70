// One connection to a Postgres database, or to a Redshift that speaks its protocol, for one piece of work. Every value comes as the
// server's text of it, so that none is rounded.
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type pg from "pg";
import type { from as copyFrom, to as copyTo } from "pg-copy-streams";
import { MillraceError } from "../../core/errors/errors.ts";
import { type DatabaseName, describeAddress } from "../database/database-address.ts";
import { findDatabase } from "../database/find-database.ts";
import { CopyFramesIn } from "./copy-frames-in.ts";
import { CopyFramesOut } from "./copy-frames-out.ts";
import { toPostgresError } from "./postgres-error.ts";
import { isRedshiftVersion, type PostgresServer, serverTitles, sessionSettings } from "./postgres-server.ts";

/** A column of a result: the number of its type, and what is said of the type beyond that, -1 for nothing. */
export interface PostgresField {
  readonly name: string;
  readonly typeId: number;
  readonly modifier: number;
}

/** A session in UTC, with dates in ISO form and numbers with every digit. */
export interface PostgresSession {
  readonly server: PostgresServer;
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
  /** The rows of `COPY … TO STDOUT` as another session's `framesIn` takes them; what goes wrong is an error of this session. */
  framesOut(sql: string): CopyFramesOut;
  /** Gives rows of another server to `COPY … FROM STDIN`. @returns how many the server has taken */
  framesIn(sql: string, frames: Readable): Promise<number>;
}

export interface PostgresAccess {
  readonly signal?: AbortSignal;
  /** How long a lock is waited for; default half a minute. Redshift waits as long as it takes. */
  readonly lockTimeoutMs?: number;
  /** What the server must be; default `postgres`. */
  readonly server?: PostgresServer | "any";
}

/**
 * Connects for `work`; what it leaves open ends with the connection.
 * @throws MillraceError `SERVICE_UNAVAILABLE` to be tried again, `CONFIG_INVALID` for another server, `AUTHENTICATION_FAILED`,
 *   `PERMISSION_DENIED`, `SOURCE_MISSING`, `SQL_INVALID`, `TARGET_CONFLICT`, `REQUEST_REJECTED`, `RUN_STOPPED`
 */
export async function withPostgres<T>(
  name: DatabaseName,
  { signal, lockTimeoutMs = 30_000, server = "postgres" }: PostgresAccess,
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
  let found: PostgresServer = "postgres";
  connection.on("parameterStatus", ({ parameterName, parameterValue }) => {
    if (parameterName === "server_version" && isRedshiftVersion(parameterValue)) found = "redshift";
  });
  const stop = (): void => connection.stream.destroy();
  const explain = (error: unknown): unknown =>
    toPostgresError(error, { title: serverTitles[found], place: describeAddress(name), signal });
  try {
    assertNotStopped(signal);
    await client.connect();
    signal?.addEventListener("abort", stop, { once: true });
    assertNotStopped(signal);
    if (server !== "any" && server !== found) throw otherServer(name, server, found);
    await client.query(sessionSettings(found, lockTimeoutMs));
    return await work(createSession(client, driver, found, explain));
  } catch (error) {
    throw explain(error);
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

/** The driver has no other way to end a statement from outside at once, and to hear what the server says of itself. */
interface DriverInternals {
  readonly connection: {
    readonly stream: { destroy(): void };
    on(
      event: "parameterStatus",
      listener: (status: { readonly parameterName: string; readonly parameterValue: string }) => void,
    ): void;
  };
}

function createSession(
  client: pg.Client,
  { copyFrom, copyTo }: Driver,
  server: PostgresServer,
  explain: (error: unknown) => unknown,
): PostgresSession {
  const ask = async (
    sql: string,
    values?: readonly (string | null)[],
  ): Promise<pg.QueryArrayResult<(string | null)[]>> =>
    await client.query({ text: sql, rowMode: "array", ...(values === undefined ? {} : { values: [...values] }) });
  return {
    server,
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
    framesOut: (sql) => client.query(new CopyFramesOut(sql, explain)),
    async framesIn(sql, frames) {
      const copied = client.query(new CopyFramesIn(sql));
      await pipeline(frames, copied);
      return copied.rowCount;
    },
  };
}

function assertNotStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted !== true) return;
  throw new MillraceError("RUN_STOPPED", "the run was stopped before it reached a database", { cause: signal.reason });
}

function otherServer(name: DatabaseName, wanted: PostgresServer, got: PostgresServer): MillraceError {
  const message = `expected ${serverTitles[wanted]} at \`${describeAddress(name)}\`, got: ${serverTitles[got]}`;
  return new MillraceError("CONFIG_INVALID", message, {
    hint: `a ${serverTitles[got]} is written to by the target \`${got}\`; name it, or another database`,
  });
}
