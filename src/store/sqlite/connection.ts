// One connection to the store file: durable commits, statements prepared once, one lock per transaction.
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { isBusy, toStoreError } from "./store-error.ts";

export interface ConnectionOptions {
  readonly path: string;
  /** How long a transaction waits for the lock of another connection. */
  readonly busyTimeoutMs: number;
  /** False for a file that is thrown away: a loss of power may then damage it. Default true. */
  readonly isDurable?: boolean;
}

/**
 * SQLite calls are synchronous: a transaction blocks this thread for its duration, and for at most `busyTimeoutMs`
 * while another process writes. Errors are MillraceErrors with a store code.
 */
export class Connection {
  readonly path: string;
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #yieldsRows = new Map<string, boolean>();

  constructor(path: string, database: DatabaseSync) {
    this.path = path;
    this.#database = database;
  }

  /** Rows of a query. `Row` states the columns and types that the statement selects. */
  all<Row>(sql: string, ...params: SQLInputValue[]): Row[] {
    // The types of columns are known to the statement's author alone.
    return this.#prepare(sql).all(...params) as unknown as Row[];
  }

  /** The first row, or `undefined`. */
  get<Row>(sql: string, ...params: SQLInputValue[]): Row | undefined {
    return this.#prepare(sql).get(...params) as unknown as Row | undefined;
  }

  /** @returns how many rows changed */
  run(sql: string, ...params: SQLInputValue[]): number {
    return Number(this.#prepare(sql).run(...params).changes);
  }

  /** Rows of a statement that yields some, else how many it changed. */
  step(sql: string, params: readonly SQLInputValue[]): { rows: readonly unknown[]; changes: number } {
    const statement = this.#prepare(sql);
    let yieldsRows = this.#yieldsRows.get(sql);
    if (yieldsRows === undefined) {
      yieldsRows = statement.columns().length > 0;
      this.#yieldsRows.set(sql, yieldsRows);
    }
    if (!yieldsRows) return { rows: [], changes: Number(statement.run(...params).changes) };
    const rows = statement.all(...params);
    return { rows, changes: rows.length };
  }

  /** Runs a text of several statements, for migrations and pragmas. */
  execute(script: string): void {
    this.#database.exec(script);
  }

  /** Runs `work` alone among all writers; all of it is durable when this returns, none of it when it throws. */
  transact<T>(work: () => T): T {
    return this.#within("begin immediate", work);
  }

  /** Runs `work` on one state of the store; waits for no writer. */
  read<T>(work: () => T): T {
    return this.#within("begin deferred", work);
  }

  /** Refreshes what the planner knows of tables that changed much; cheap to repeat. */
  optimize(): void {
    this.execute("pragma optimize");
  }

  close(): void {
    if (!this.#database.isOpen) return;
    this.#statements.clear();
    this.#database.close();
  }

  #within<T>(begin: string, work: () => T): T {
    try {
      this.run(begin);
      const value = work();
      this.run("commit");
      return value;
    } catch (thrown) {
      // SQLite has already rolled back after some errors, a full disk among them.
      if (this.#database.isOpen && this.#database.isTransaction) this.run("rollback");
      throw toStoreError(thrown, this.path);
    }
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Opens the file, and makes it and its folder when they are missing. @throws MillraceError `STORE_UNAVAILABLE` | `STORE_CORRUPT` */
export function openConnection({ path, busyTimeoutMs, isDurable = true }: ConnectionOptions): Connection {
  let database: DatabaseSync | undefined;
  try {
    mkdirSync(dirname(path), { recursive: true });
    database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
    database.exec(`pragma busy_timeout = ${Math.trunc(busyTimeoutMs)}`);
    enterWal(database, busyTimeoutMs);
    // FULL flushes the log at each commit: what was acknowledged survives the loss of power.
    database.exec(`
      pragma synchronous = ${isDurable ? "full" : "off"};
      pragma trusted_schema = off;
      pragma temp_store = memory;
      pragma cache_size = -16000;
      pragma journal_size_limit = 67108864;
    `);
    return new Connection(path, database);
  } catch (thrown) {
    database?.close();
    throw toStoreError(thrown, path);
  }
}

// The change of mode needs the file alone and does not always wait for it, so two first openers may collide.
function enterWal(database: DatabaseSync, busyTimeoutMs: number): void {
  const deadlineAt = performance.now() + busyTimeoutMs;
  for (;;) {
    try {
      if (database.prepare("pragma journal_mode").get()?.["journal_mode"] === "wal") return;
      database.exec("pragma journal_mode = wal");
      return;
    } catch (thrown) {
      if (!isBusy(thrown) || performance.now() > deadlineAt) throw thrown;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
