// The connections of a store: settings that every session has, transactions that are run again when they lost a race,
// errors with the store's codes.
import pg from "pg";
import { MillraceError } from "../../core/errors.ts";
import { breaksConnection, describePlace, isTransient, parseAddress, toStoreError } from "./store-error.ts";

/** A text that each connection prepares once, under its name. Numbers are int4 unless cast; int8 comes back as a number. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Param = string | number | boolean | null | readonly (string | number | null)[];

export interface Outcome<Row> {
  readonly rows: readonly Row[];
  /** How many rows the statement wrote. */
  readonly changes: number;
}

/** Where statements run: one connection, inside a transaction or not. */
export interface Session {
  query<Row>(statement: Statement, params: readonly Param[]): Promise<Outcome<Row>>;
}

export interface DatabaseOptions {
  readonly url: string;
  /** Most connections of this process, besides those of the notifier and of heartbeats. */
  readonly poolSize: number;
  /** How long a call may take before its connection is given up. */
  readonly callTimeoutMs: number;
}

export interface Transaction extends Session {
  /** The database's clock after the transaction began. */
  readonly nowMs: number;
  /** Runs a text of several statements, for migrations. */
  execute(text: string): Promise<void>;
}

const maxAttempts = 10;

const beginLook = "begin isolation level repeatable read read only";

// Reads may count and compare whole tables, which hashes do best.
const beginRead = `${beginLook};
  set local enable_hashjoin = on; set local enable_mergejoin = on`;

export class Database implements AsyncDisposable {
  /** Host, port and database, for messages. */
  readonly place: string;
  readonly url: string;
  readonly #pool: pg.Pool;

  constructor({ url, poolSize, callTimeoutMs }: DatabaseOptions) {
    this.place = describePlace(url);
    this.url = url;
    this.#pool = new pg.Pool({
      ...clientConfig(url, callTimeoutMs),
      max: poolSize,
      idleTimeoutMillis: 60_000,
      allowExitOnIdle: true,
    });
    // A connection that broke while nobody used it; the pool has dropped it already.
    this.#pool.on("error", () => {});
    // One that breaks while it is used tells its call; untold, the same news would end the process.
    this.#pool.on("connect", (client) => client.on("error", () => {}));
  }

  /** One statement, a transaction of its own. */
  async query<Row>(statement: Statement, params: readonly Param[] = []): Promise<Outcome<Row>> {
    return await this.#withClient(async (client) => await queryOn<Row>(client, statement, params));
  }

  /** Commits what `work` did, all or nothing. `work` may be called again from its start when it lost a race. */
  async transact<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return await this.#within("begin", work);
  }

  /** Reads one state of the store, whatever others write meanwhile. */
  async read<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return await this.#within(beginRead, work);
  }

  /** The same for reads that are bounded whatever the tables hold: each row is looked up along an index. */
  async look<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return await this.#within(beginLook, work);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#pool.ended) await this.#pool.end();
  }

  async #within<T>(begin: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return await this.#withClient(async (client) => {
      try {
        const nowMs = await beginTransaction(client, begin);
        const value = await work({
          nowMs,
          query: async (statement, params) => await queryOn(client, statement, params),
          execute: async (text) => void (await client.query(text)),
        });
        await client.query("commit");
        return value;
      } catch (thrown) {
        if (!breaksConnection(thrown)) await client.query("rollback");
        throw thrown;
      }
    });
  }

  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const client = await this.#connect();
        let broken = false;
        try {
          return await work(client);
        } catch (thrown) {
          broken = breaksConnection(thrown);
          throw thrown;
        } finally {
          client.release(broken);
        }
      } catch (thrown) {
        if (!isTransient(thrown) || attempt === maxAttempts) throw toStoreError(thrown, this.place);
        await pause(Math.random() * 5 * attempt);
      }
    }
  }

  async #connect(): Promise<pg.PoolClient> {
    if (this.#pool.ending) throw new MillraceError("STORE_UNAVAILABLE", `store is closed: \`${this.place}\``);
    return await this.#pool.connect();
  }
}

/** Settings of every session, also of those outside the pool. */
export function clientConfig(url: string, callTimeoutMs: number): pg.ClientConfig {
  const { connectionString, options } = takeOptions(url);
  const settings = {
    search_path: "millrace",
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
    lock_timeout: String(Math.ceil(callTimeoutMs / 2)),
    // A suspended process must not hold the locks of an open transaction for ever.
    idle_in_transaction_session_timeout: "20000",
    client_encoding: "UTF8",
  };
  const given = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  return {
    connectionString,
    options: [options, ...given].filter(Boolean).join(" "),
    application_name: "millrace",
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: 10_000,
    query_timeout: callTimeoutMs,
    types: parseWideNumbers,
  };
}

// An option of the address would replace ours, so both go into one.
function takeOptions(url: string): { connectionString: string; options: string | null } {
  try {
    const parsed = parseAddress(url);
    if (!/^postgres(?:ql)?:$/.test(parsed.protocol)) throw new TypeError("another kind of address");
    const options = parsed.searchParams.get("options");
    parsed.searchParams.delete("options");
    return { connectionString: parsed.href, options };
  } catch (cause) {
    throw new MillraceError("CONFIG_INVALID", "expected the database URL to be like `postgres://user@host:5432/name`", {
      hint: "characters such as `@` and `/` in the password must be written as `%40` and `%2F`",
      cause: cause instanceof Error ? new Error(cause.name) : undefined,
    });
  }
}

// Type ids of int8 and numeric, which the driver leaves as text.
const wideNumbers: ReadonlySet<number> = new Set([20, 1700]);

const getTypeParser: typeof pg.types.getTypeParser = ((id: number, format?: "text" | "binary") =>
  wideNumbers.has(id) ? parseWide : pg.types.getTypeParser(id, format)) as typeof pg.types.getTypeParser;

/** Type parsers that read int8 as a number. */
export const parseWideNumbers: { getTypeParser: typeof pg.types.getTypeParser } = { getTypeParser };

function parseWide(text: string): number {
  const value = Number(text);
  if (Number.isInteger(value) && !Number.isSafeInteger(value)) throw new RangeError(`number is too great: ${text}`);
  return value;
}

async function beginTransaction(client: pg.PoolClient, begin: string): Promise<number> {
  const sql = `${begin}; select (extract(epoch from clock_timestamp()) * 1000)::bigint as now`;
  // Several statements in one round trip give a result each.
  const results = (await client.query(sql)) as unknown as readonly pg.QueryResult<{ now: number }>[];
  return results.at(-1)?.rows[0]?.now ?? Number.NaN;
}

async function queryOn<Row>(
  client: pg.PoolClient,
  { name, text }: Statement,
  params: readonly Param[],
): Promise<Outcome<Row>> {
  const result = await client.query({ name, text, values: [...params] });
  // The types of columns are known to the statement's author alone.
  return { rows: result.rows as Row[], changes: result.rowCount ?? 0 };
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
