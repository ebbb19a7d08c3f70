// A process is killed at every moment of a batch; whoever takes its run over reads the same records, and each is in each target once.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createEmbeddedLog } from "../../../src/stream/embedded/embedded-log.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import type { DatasetLocation, DatasetTargets } from "../../../src/core/dataset/dataset.ts";
import { defineVersion } from "../../../src/data/datasets/dataset-relation.ts";
import { createSqliteStore } from "../../../src/store/sqlite/sqlite-store.ts";
import type { Store } from "../../../src/store/store.ts";
import { BatchScene, produceOrders, publishingJob } from "../../support/streams/batch-scene.ts";
import type { TestDatabase } from "../../support/postgres/postgres-test-database.ts";
import { createWarehouse, warehouseName } from "../../support/postgres/postgres-warehouse.ts";

const files: DatasetTargets = {
  delta: { path: "out/delta" },
  parquet: { path: "out/parquet" },
  sqlite: { path: "out/t.sqlite" },
  duckdb: { path: "out/t.duckdb" },
};
const moments = [
  "reading",
  "staged",
  "delta:intended",
  "delta:placed",
  "delta:committed",
  "parquet:renamed",
  "sqlite:written",
  "sqlite:committed",
  "duckdb:written",
  "duckdb:committed",
  "published",
  "recorded",
  "handled",
  "ended",
];

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-batches-"));
});
afterEach(() => rm(folder, { recursive: true }));

async function dieAt(moment: string, targets: DatasetTargets, variables: Record<string, string> = {}): Promise<void> {
  const script = fileURLToPath(new URL("../../support/streams/batch-and-die.ts", import.meta.url));
  const child = spawn(process.execPath, [...process.execArgv, script, folder, JSON.stringify(targets), moment], {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, ...variables },
  });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (errors += text));
  await once(child, "close");
  if (child.signalCode !== "SIGKILL") throw new Error(`the worker was not killed: ${errors}`);
}

/** What is in a table, as a reader finds it. */
async function rowsOf(store: Store, location: DatasetLocation): Promise<unknown> {
  const version = await store.findDataset("sums");
  if (version === undefined) throw new Error("nothing was published");
  await using engine = createDuckDbEngine({ threads: 1, memoryLimit: "500MB" });
  await using session = await engine.open();
  await defineVersion(
    session,
    "t",
    { ...version, locations: [location] },
    { spool: join(folder, "spool"), warn: () => undefined },
  );
  const [row] = await session.query(
    "select count(*) as rows, count(distinct id) as ids, count(distinct (_partition, _offset)) as places, sum(id) as total from t",
  );
  return row;
}

/** Ten records in two batches, of which the first was killed and is taken over. */
async function finish(targets: DatasetTargets): Promise<void> {
  await using store = await createSqliteStore({ path: join(folder, "store.db"), isDurable: false });
  await using scene = new BatchScene({ store, folder, jobs: [publishingJob(targets)] });
  const before = await store.findBatch("sums", 1);
  await scene.start();
  expect(await scene.ended(1)).toMatchObject({ state: "FINISHED", result: { batch: "sums/1", rows: 5 } });
  await produceOrders(createEmbeddedLog({ blocks: store, clock: createSystemClock() }), 6, 5);
  await scene.look();
  expect(await scene.ended(2)).toMatchObject({ state: "FINISHED" });
  const after = await store.findBatch("sums", 1);
  expect(after).toMatchObject({ state: "done", ranges: before?.ranges, records: 5 });
  for (const location of (await store.findDataset("sums"))?.locations ?? []) {
    expect([location.format, await rowsOf(store, location)]).toEqual([
      location.format,
      { rows: 10n, ids: 10n, places: 10n, total: 55n },
    ]);
  }
  expect(await store.verify()).toEqual([]);
}

async function produceFive(): Promise<void> {
  await using store = await createSqliteStore({ path: join(folder, "store.db"), isDurable: false });
  await produceOrders(createEmbeddedLog({ blocks: store, clock: createSystemClock() }), 1, 5);
}

test.each(moments)("killed at `%s`: each record is in Delta, Parquet, SQLite and DuckDB once", async (moment) => {
  await produceFive();
  await dieAt(moment, files);
  await finish(files);
});

describe("in Postgres", () => {
  let warehouse: TestDatabase;
  beforeAll(async () => {
    warehouse = await createWarehouse();
  });
  afterAll(() => warehouse[Symbol.asyncDispose]());
  beforeEach(() => warehouse.query("drop schema public cascade; create schema public"));

  const targets: DatasetTargets = { postgres: { url: warehouseName } };

  test.each(["postgres:written", "postgres:committed", "recorded", "handled"])(
    "killed at `%s`: each record is there once",
    async (moment) => {
      await produceFive();
      await dieAt(moment, targets, { TEST_WAREHOUSE_URL: warehouse.url });
      await finish(targets);
    },
  );
});
