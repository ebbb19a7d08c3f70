// Opening a Delta table of 10,000 files and 100,000,000 rows, from a checkpoint and five commits, beside the `deltalake` package of
// Python that lists the same files, both in processes that stay. No data file is there: only the log is read.
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import type { EngineSession } from "../../src/compute/engine.ts";
import { openDeltaSnapshot } from "../../src/data/delta/delta-table.ts";
import type { AddFile } from "../../src/data/delta/log/delta-actions.ts";
import { writeCheckpoint } from "../../src/data/delta/log/delta-checkpoint.ts";
import { buildDeltaTable, column, writeCommit } from "../../tests/support/data/delta-builder.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { runNodeWithPeakMemory } from "../harness/node-process.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";
import { openDeltaLakePeer } from "./deltalake-peer.ts";
import { computeSettings } from "../data/duckdb-peer.ts";

const files = 10_000;
const rowsEach = 10_000;
const columns = ["id", "customer", "shop", "product", "amount", "price", "tax", "seen"];

export const bench: Bench = {
  name: "delta-open",
  description: `the log of a Delta table of ${files} files read, beside deltalake's list of its files`,
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    await using session = await engine.open();
    await using peer = await openDeltaLakePeer();
    const table = join(folder.path, "table");
    await writeLog(session, table, folder.path);
    const { ours, deltalake } = await takeTurns(
      {
        ours: () => timeMs(async () => assertFiles((await openDeltaSnapshot(table, { session })).files.length)),
        deltalake: async () => {
          const { ms, rows } = await peer.read({ table });
          assertFiles(rows);
          return ms;
        },
      },
      { warmUps: 2, repetitions: 21 },
    );
    const values = { name: "deltalake, files with their statistics", values: deltalake };
    const program = fileURLToPath(new URL("open-table.ts", import.meta.url));
    const memoryMb = Array.from(
      { length: 3 },
      () => runNodeWithPeakMemory(["--conditions=millrace-source", program, table]).peakMb,
    );
    const limit = { name: "the limit of the target", values: memoryMb.map(() => 300) };
    return [
      { name: `${files} files`, unit: "ms", ours, peer: values, target: { kind: "ratio", atMost: 1 } },
      {
        name: "peak memory of a process that opens it",
        unit: "MB",
        ours: memoryMb,
        peer: limit,
        target: { kind: "value", atMost: 300 },
      },
    ];
  },
};

async function writeLog(session: EngineSession, table: string, stagingDir: string): Promise<void> {
  await buildDeltaTable(session, table, { fields: columns.map((name) => column(name, "long")), files: [] });
  await writeCommit(
    table,
    1,
    Array.from({ length: files }, (_, index) => ({ add: addOf(index) })),
  );
  await writeCheckpoint(session, await openDeltaSnapshot(table, { session }), stagingDir, Date.now());
  for (let commit = 2; commit <= 6; commit += 1) await writeCommit(table, commit, [{ add: addOf(files + commit) }]);
}

function addOf(index: number): AddFile {
  const of = (value: number): object => Object.fromEntries(columns.map((name) => [name, value]));
  const [minValues, maxValues] = [of(index * rowsEach), of((index + 1) * rowsEach - 1)];
  return {
    path: `part-${randomUUID()}.parquet`,
    partitionValues: {},
    size: 1_234_567,
    modificationTime: 1_700_000_000_000 + index,
    dataChange: true,
    stats: JSON.stringify({ numRecords: rowsEach, minValues, maxValues, nullCount: of(0) }),
  };
}

function assertFiles(found: number): void {
  if (found !== files + 5) throw new Error(`expected ${files + 5} files, got: ${found}`);
}
