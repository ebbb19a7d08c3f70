// Opens a session of the store, in the pool and outside of it: connects, then sets and verifies the settings that every
// statement relies on. This happens after connecting, because a proxy between client and server may refuse or drop
// settings that travel with the first packet.
import type pg from "pg";
import { MillraceError } from "../../core/errors/errors.ts";
import { describePlace, parseAddress } from "./store-error.ts";
import { parseWideNumbers } from "./wide-numbers.ts";

/** Where the tables of a store are. */
export interface StoreAddress {
  readonly url: string;
  /** Schema of the database that holds them and nothing else. */
  readonly schema: string;
}

export const defaultSchema = "millrace";

/** What can run a statement; a client of the driver, before or after the pool has it. */
interface Connected {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
}

/** What the driver is told to connect. @throws MillraceError `CONFIG_INVALID` for what is no address of Postgres */
export function clientConfig(url: string, callTimeoutMs: number): pg.ClientConfig {
  return {
    connectionString: toConnectionString(url),
    application_name: "millrace",
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    query_timeout: callTimeoutMs,
    types: parseWideNumbers,
  };
}

export interface SessionOptions {
  readonly address: StoreAddress;
  readonly callTimeoutMs: number;
  /** Settings of this session alone. */
  readonly more?: Readonly<Record<string, string>>;
}

/**
 * Settings of every session. Call it once a connection is up and before anything else is sent.
 * @throws MillraceError `STORE_UNAVAILABLE` when they do not stay: no statement may then run, least of all one that makes tables
 */
export async function prepareSession(client: Connected, options: SessionOptions): Promise<void> {
  const { address, callTimeoutMs, more = {} } = options;
  const lockTimeoutMs = Math.ceil(callTimeoutMs / 2);
  const settings = Object.entries({ ...settingsOf(address.schema, lockTimeoutMs), ...more });
  const list = settings.map((_, index) => `set_config($${index * 2 + 1}, $${index * 2 + 2}, false)`);
  await client.query(`select ${list.join(", ")}`, settings.flat());
  // A look of its own: a pooler that lends a server for one transaction may give another one now.
  const { rows } = await client.query(readSettings);
  const [found] = rows as readonly { path: string; lockTimeout: string }[];
  assertInForce(address, "search_path", address.schema, found?.path);
  assertInForce(address, "lock_timeout", String(lockTimeoutMs), found?.lockTimeout);
}

/** @throws MillraceError `STORE_UNAVAILABLE` when a session does not have the setting that it was given */
export function assertInForce(address: StoreAddress, name: string, expected: string, got: string | undefined): void {
  if (got === expected) return;
  throw new MillraceError(
    "STORE_UNAVAILABLE",
    `expected setting \`${name}\` of the session to be \`${expected}\` on \`${describePlace(address.url)}\`, got: \`${got}\``,
    {
      hint: "a pooler between this program and Postgres drops settings of the session: use session pooling, or go past it",
    },
  );
}

// In milliseconds, whatever the unit in which it is shown.
const readSettings = `select current_setting('search_path') as path,
  (select setting from pg_settings where name = 'lock_timeout') as "lockTimeout"`;

function settingsOf(schema: string, lockTimeoutMs: number): Readonly<Record<string, string>> {
  return {
    search_path: schema,
    // Statistics of tables that fill and drain within seconds are always wrong. Every statement here has an index, and a plan
    // that was made while a table was small must not scan it when it has grown.
    enable_seqscan: "off",
    // The same for joins: what drives them is a short list, so each of its rows is looked up along an index.
    enable_hashjoin: "off",
    enable_mergejoin: "off",
    // One plan a statement and connection: what it is given are keys of indexes, so no value deserves a plan of its own.
    plan_cache_mode: "force_generic_plan",
    // Joins are written in the order in which they are to be done; looking for a better one of ten tables takes 20 ms.
    join_collapse_limit: "1",
    jit: "off",
    // Starting processes to share a read takes longer than any read that people wait for.
    max_parallel_workers_per_gather: "0",
    lock_timeout: String(lockTimeoutMs),
    // A suspended process must not hold the locks of an open transaction for ever.
    idle_in_transaction_session_timeout: "20000",
    client_encoding: "UTF8",
  };
}

function toConnectionString(url: string): string {
  try {
    const parsed = parseAddress(url);
    if (!/^postgres(?:ql)?:$/.test(parsed.protocol)) throw new TypeError("another kind of address");
    return parsed.href;
  } catch (cause) {
    throw new MillraceError("CONFIG_INVALID", "expected the database URL to be like `postgres://user@host:5432/name`", {
      hint: "characters such as `@` and `/` in the password must be written as `%40` and `%2F`",
      cause: cause instanceof Error ? new Error(cause.name) : undefined,
    });
  }
}

/** @throws MillraceError `CONFIG_INVALID` for a name that would need quotes, or that is not for the store alone */
export function assertSchemaName(schema: string): void {
  if (/^[a-z_][a-z0-9_]{0,62}$/.test(schema) && !schema.startsWith("pg_") && !reservedSchemas.has(schema)) return;
  throw new MillraceError(
    "CONFIG_INVALID",
    `expected \`database.schema\` to be a name of small letters, digits and \`_\`, got: \`${schema}\``,
    { hint: "the store has a schema of its own: not `public`, and none that begins with `pg_`" },
  );
}

const reservedSchemas: ReadonlySet<string> = new Set(["public", "information_schema"]);
