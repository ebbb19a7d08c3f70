// A session of Spark for the code of a job: statements and rows, over a client that outlives broken connections.
import type { TokenSource } from "./connect/connect-channel.ts";
import type { ExecutionProgress } from "./connect/connect-responses.ts";
import { ConnectSession } from "./connect/connect-session.ts";
import type { Chance } from "./connect/retry-backoff.ts";
import { prepareSession } from "./prepare-session.ts";
import { queryRows, readRows, reattachRows } from "./read-rows.ts";

/** How to reach a Spark Connect server. */
export interface SparkOptions {
  /**
   * `sc://host:15002/;token=…;use_ssl=true`, where names that have no meaning of their own become headers of each call. A token
   * turns TLS on, and goes without TLS to this machine only. `session_id=<uuid>` takes up a session that exists.
   */
  readonly address: string;
  /** Gives the token for the next call, in the place of one in the address: tokens may end before the session does. */
  readonly token?: TokenSource;
  /** PEM of authorities to trust instead of those that Node.js does. */
  readonly certificateAuthority?: string;
  /** Stops the opening. */
  readonly signal?: AbortSignal;
}

/** Of one statement. */
export interface SparkStatementOptions {
  /** A UUID by which another process can read the result on; a new one when left out. */
  readonly operationId?: string;
  /** Names that Spark's own screens show; without commas. */
  readonly tags?: readonly string[];
  /** Interrupts the statement on Spark when it aborts. */
  readonly signal?: AbortSignal;
  /** Called about every two seconds while the statement runs. */
  readonly onProgress?: (progress: ExecutionProgress) => void;
}

/** A row: bigint for 64-bit integers, text for decimals, dates and instants, arrays and objects for nested values, `null` for NULL. */
export type SparkRow = Readonly<Record<string, unknown>>;

/**
 * Times are in UTC and wrong values are errors in every session. Statements may run beside each other.
 *
 * Methods throw MillraceError: `SQL_INVALID`, `SQL_FAILED`, `SESSION_LOST` when Spark started anew, `OPERATION_LOST` when Spark does
 * not know a statement any more that had begun, `SERVICE_UNAVAILABLE` after ten minutes without an answer, `RUN_STOPPED` when the
 * signal aborts.
 */
export interface SparkSession extends AsyncDisposable {
  /** A UUID; `session_id` of another address takes the session up. */
  readonly id: string;
  /** Of Spark, such as `4.2.0`. */
  readonly version: string;
  /** Runs a statement for its effect. */
  execute(sql: string, options?: SparkStatementOptions): Promise<void>;
  /** All rows of one query; for small results only. */
  query(sql: string, options?: SparkStatementOptions): Promise<SparkRow[]>;
  /** Rows in chunks of at most 10,000, read as they are asked for. To stop reading before the end interrupts the query. */
  stream(sql: string, options?: SparkStatementOptions): AsyncIterable<SparkRow[]>;
  /**
   * Rows of a statement that an earlier process has sent in this session, from the first one, as long as that process has read none.
   * Spark keeps a statement that nobody reads for five minutes.
   */
  reattach(
    operationId: string,
    options?: Omit<SparkStatementOptions, "operationId" | "tags">,
  ): AsyncIterable<SparkRow[]>;
}

/** Closing the session ends it on Spark, with its views. */
export async function openSparkSession(options: SparkOptions, chance: Chance): Promise<SparkSession> {
  const session = await ConnectSession.open({ ...options, ...chance });
  try {
    await prepareSession(session, options.signal);
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
  return {
    id: session.sessionId,
    version: session.version,
    execute: async (sql, statement) => void (await queryRows(session, sql, statement)),
    query: async (sql, statement) => await queryRows(session, sql, statement),
    stream: (sql, statement) => readRows(session, sql, statement),
    reattach: (operationId, statement) => reattachRows(session, operationId, statement),
    [Symbol.asyncDispose]: async () => await session[Symbol.asyncDispose](),
  };
}
