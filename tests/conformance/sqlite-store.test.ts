// Runs the store contract against the SQLite adapter.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { createSqliteStore } from "../../src/store/sqlite/sqlite-store.ts";
import { describeStoreContract } from "./store.ts";

describeStoreContract("sqlite", async (clock) => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-store-"));
  const path = join(folder, "store.db");
  const store = await createSqliteStore({ path, clock });
  return {
    store,
    open: async () => await createSqliteStore({ path, clock }),
    damageCheckpoint: async (runId, version) => {
      const database = new DatabaseSync(path);
      database
        .prepare("update checkpoint set data = replace(data, '2', '3') where run_id = ? and version = ?")
        .run(runId, version);
      database.close();
    },
    [Symbol.asyncDispose]: async () => {
      await store[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    },
  };
});
