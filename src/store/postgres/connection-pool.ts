// The connections that calls of one process share. A server, role or database that has none left is a passing shortage: a
// call then waits for one that the pool has, and the pool leaves some to whoever else needs them.
import { callbackify } from "node:util";
import pg from "pg";
import { MillraceError } from "../../core/errors/errors.ts";
import { clientConfig, prepareSession, type StoreAddress } from "./session.ts";
import { describePlace } from "./store-error.ts";

export interface ConnectionPoolOptions {
  readonly address: StoreAddress;
  /** Most connections at once. */
  readonly size: number;
  /** How long a call may take, and how long one waits for a connection while the server has none left. */
  readonly callTimeoutMs: number;
}

// Those who need a connection beside the pool of their process: its notifier and its heartbeat.
const othersOfThisProcess = 2;
const longestPauseMs = 500;
// After this time without a shortage the pool may grow again.
const shortageMs = 30_000;

export class ConnectionPool implements AsyncDisposable {
  readonly #pool: pg.Pool;
  readonly #options: ConnectionPoolOptions;
  #shortageEndsAt = 0;

  constructor(options: ConnectionPoolOptions) {
    const { address, size, callTimeoutMs } = options;
    this.#options = options;
    this.#pool = new pg.Pool({
      ...clientConfig(address.url, callTimeoutMs),
      max: size,
      idleTimeoutMillis: 60_000,
      allowExitOnIdle: true,
      verify: callbackify(async (client: pg.PoolClient) => await prepareSession(client, { address, callTimeoutMs })),
    });
    // A connection that broke while nobody used it; the pool has dropped it already.
    this.#pool.on("error", () => {});
    // One that breaks while it is used tells its call; untold, the same news would end the process.
    this.#pool.on("connect", (client) => client.on("error", () => {}));
  }

  /** A connection with the settings of the store. Give it back with `release`. @throws what the driver throws, or `STORE_UNAVAILABLE` */
  async take(): Promise<pg.PoolClient> {
    const patienceEndsAt = performance.now() + this.#options.callTimeoutMs;
    for (let attempt = 1; ; attempt += 1) {
      if (this.#pool.ending) {
        throw new MillraceError(
          "STORE_UNAVAILABLE",
          `store is closed: \`${describePlace(this.#options.address.url)}\``,
        );
      }
      try {
        return await this.#connect();
      } catch (thrown) {
        if (!this.#isShort(thrown) || performance.now() > patienceEndsAt) throw thrown;
        await pause(Math.random() * Math.min(longestPauseMs, 10 * 2 ** attempt));
      }
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#pool.ended) await this.#pool.end();
  }

  async #connect(): Promise<pg.PoolClient> {
    if (this.#shortageEndsAt !== 0 && performance.now() > this.#shortageEndsAt) {
      this.#shortageEndsAt = 0;
      this.#pool.options.max = this.#options.size;
    }
    const client = await this.#pool.connect();
    if (this.#pool.totalCount <= this.#pool.options.max) return client;
    // More than the pool may have since it gave some up: this one goes, and the call waits for another.
    client.release(true);
    return await this.#pool.connect();
  }

  /** Whether it is worth waiting for a connection. A pool that just met a shortage makes do with fewer. */
  #isShort(thrown: unknown): boolean {
    if (!(thrown instanceof Error)) return false;
    if ("code" in thrown && thrown.code === "53300") {
      this.#shortageEndsAt = performance.now() + shortageMs;
      this.#pool.options.max = Math.max(
        1,
        Math.min(this.#pool.options.max, this.#pool.totalCount) - othersOfThisProcess,
      );
      return true;
    }
    // The driver's words for a call that waited for one of a small pool.
    return this.#shortageEndsAt !== 0 && thrown.message.startsWith("timeout exceeded when trying to connect");
  }
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
