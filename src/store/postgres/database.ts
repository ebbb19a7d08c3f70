// The connections of a store: settings that every session has, transactions that are run again when they lost a race,
// errors with the store's codes.
import type pg from "pg";
import { ConnectionPool } from "./connection-pool.ts";
import { assertInForce, type StoreAddress } from "./session.ts";
import { breaksConnection, describePlace, isTransient, toStoreError } from "./store-error.ts";

/** A text that each connection prepares once, under its name. Numbers are int4 unless cast; int8 comes back as a number. */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

export type Param = string | number | boolean | null | Uint8Array | readonly (string | number | null)[];

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
  readonly address: StoreAddress;
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
  readonly address: StoreAddress;
  readonly #pool: ConnectionPool;

  constructor({ address, poolSize, callTimeoutMs }: DatabaseOptions) {
    this.place = describePlace(address.url);
    this.address = address;
    this.#pool = new ConnectionPool({ address, size: poolSize, callTimeoutMs });
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
    await this.#pool[Symbol.asyncDispose]();
  }

  async #within<T>(begin: string, work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return await this.#withClient(async (client) => {
      try {
        const nowMs = await this.#begin(client, begin);
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

  // The path is looked at each time: whoever lends a server for one transaction alone, as some poolers do, lends any.
  async #begin(client: pg.PoolClient, begin: string): Promise<number> {
    const sql = `${begin}; select (extract(epoch from clock_timestamp()) * 1000)::bigint as now, current_setting('search_path') as path`;
    // Several statements in one round trip give a result each.
    const results = (await client.query(sql)) as unknown as readonly pg.QueryResult<{ now: number; path: string }>[];
    const row = results.at(-1)?.rows[0];
    assertInForce(this.address, "search_path", this.address.schema, row?.path);
    return row?.now ?? Number.NaN;
  }

  async #withClient<T>(work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const client = await this.#pool.take();
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
