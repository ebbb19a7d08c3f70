// Stores for the suites of streams: a file each, and databases of Postgres that are emptied and used again.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../../src/core/clock.ts";
import { createPostgresStore } from "../../../src/store/postgres/postgres-store.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import { createTestDatabase, type TestDatabase } from "../../support/postgres/postgres-test-database.ts";
import type { StoreUnderTest } from "../store/store-fixture.ts";

/** Where stores of one kind come from; disposed when the suite is over. */
export interface StreamStores extends AsyncDisposable {
  readonly dialect: "sqlite" | "postgres";
  readonly create: (clock: Pick<Clock, "now">) => Promise<StoreUnderTest>;
}

export function sqliteStores(): StreamStores {
  return {
    dialect: "sqlite",
    create: async (clock) => {
      const folder = await mkdtemp(join(tmpdir(), "millrace-streams-"));
      const open = async () => await createSqliteStore({ path: join(folder, "store.db"), clock, isDurable: false });
      const store = await open();
      return {
        store,
        open,
        damageCheckpoint: never,
        [Symbol.asyncDispose]: async () => {
          await store[Symbol.asyncDispose]();
          await rm(folder, { recursive: true });
        },
      };
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

export function postgresStores(): StreamStores {
  const free: TestDatabase[] = [];
  return {
    dialect: "postgres",
    create: async (clock) => {
      const database = free.pop() ?? (await createTestDatabase());
      const open = async () => await createPostgresStore({ url: database.url, clock, migrate: false, poolSize: 4 });
      const store = await open();
      return {
        store,
        open,
        damageCheckpoint: never,
        [Symbol.asyncDispose]: async () => {
          await store[Symbol.asyncDispose]();
          await database.empty();
          free.push(database);
        },
      };
    },
    [Symbol.asyncDispose]: async () => {
      for (const database of free) await database[Symbol.asyncDispose]();
    },
  };
}

async function never(): Promise<void> {
  throw new Error("streams damage no checkpoint");
}
