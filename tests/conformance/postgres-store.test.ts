// Runs the store contract against the Postgres adapter. Tests get an empty database each, of few that are emptied again.
import { afterAll } from "vitest";
import { createPostgresStore } from "../../src/store/postgres/postgres-store.ts";
import { createTestDatabase, type TestDatabase } from "../support/postgres/postgres-test-database.ts";
import { describeStoreContract } from "./store.ts";

const free: TestDatabase[] = [];

afterAll(async () => {
  for (const database of free) await database[Symbol.asyncDispose]();
});

describeStoreContract("postgres", async (clock) => {
  const database = free.pop() ?? (await createTestDatabase());
  const open = async () => await createPostgresStore({ url: database.url, clock, migrate: false, poolSize: 2 });
  const store = await open();
  return {
    store,
    open,
    damageCheckpoint: async (runId, version) => {
      const sql = "update millrace.checkpoint set data = replace(data, '2', '3') where run_id = $1 and version = $2";
      await database.query(sql, runId, version);
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await database.empty();
      free.push(database);
    },
  };
});
