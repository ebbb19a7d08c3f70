// The real SQLite store on a file of its own for each simulated world, with a second connection for what the simulator
// does behind the store's back: beating hearts, looking at rows, planting faults.
import { copyFileSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";

/** One world's store. */
export interface StoreFile extends AsyncDisposable {
  readonly store: Store;
  all<Row>(sql: string, ...params: SQLInputValue[]): readonly Row[];
  run(sql: string, ...params: SQLInputValue[]): number;
}

/** Makes store files from a template whose tables exist already. */
export interface StoreFolder extends Disposable {
  open(clock: { now(): number }): Promise<StoreFile>;
}

export async function createStoreFolder(startMs: number): Promise<StoreFolder> {
  const folder = mkdtempSync(join(memoryFolder() ?? tmpdir(), "millrace-simulation-"));
  const template = join(folder, "template.db");
  const made = await createSqliteStore({ path: template, clock: { now: () => startMs } });
  await made[Symbol.asyncDispose]();
  let count = 0;
  return {
    async open(clock) {
      const path = join(folder, `${(count += 1)}.db`);
      copyFileSync(template, path);
      return openStoreFile(path, clock);
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}

async function openStoreFile(path: string, clock: { now(): number }): Promise<StoreFile> {
  const store = await createSqliteStore({ path, clock });
  const database = new DatabaseSync(path, { enableForeignKeyConstraints: false });
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const statement = statements.get(sql) ?? database.prepare(sql);
    statements.set(sql, statement);
    return statement;
  };
  return {
    store,
    // The columns are known to the statement's author alone.
    all: <Row>(sql: string, ...params: SQLInputValue[]) => prepare(sql).all(...params) as unknown as Row[],
    run: (sql, ...params) => Number(prepare(sql).run(...params).changes),
    async [Symbol.asyncDispose]() {
      database.close();
      await store[Symbol.asyncDispose]();
      for (const suffix of ["", "-wal", "-shm"]) rmSync(`${path}${suffix}`, { force: true });
    },
  };
}

// Flushing costs nothing in memory; the simulator kills processes, never the machine.
function memoryFolder(): string | undefined {
  return statSync("/dev/shm", { throwIfNoEntry: false })?.isDirectory() === true ? "/dev/shm" : undefined;
}
