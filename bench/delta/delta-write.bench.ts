// 3,000,000 rows from a Parquet file into a Delta table (`replace`): the writer alone, and the whole way of a job through
// staging, audit and commit, beside one DuckDB `copy` of the same rows.
import { mkdir } from "node:fs/promises";
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { rawData } from "../../examples/flights/raw-data.ts";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import type { Engine } from "../../src/compute/engine.ts";
import { quoteLiteral } from "../../src/compute/engine.ts";
import { commitDelta } from "../../src/data/delta/delta-table.ts";
import { stageRows } from "../../src/data/staged-rows.ts";
import { layOutFiles } from "../../src/data/targets/delta/filing.ts";
import type { Bench } from "../harness/bench.ts";
import { createBenchRuns } from "../harness/bench-data.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { computeSettings, type DuckDbPeer, flush, openDuckDbPeer, parquetOptions } from "../data/duckdb-peer.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const source = rawData("flights-3m.parquet");

export const bench: Bench = {
  name: "delta-write",
  description:
    "3,000,000 rows from Parquet to Delta (replace), beside DuckDB's `copy` to one Parquet file, both flushed, with the same compression and row groups",
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    using peer = await openDuckDbPeer();
    const next = (): string => join(folder.path, randomUUID());
    const table = next();
    const { writer, job, copy } = await takeTurns(
      {
        writer: () => timeMs(() => writeDelta(engine, table, next())),
        copy: () => timeMs(() => copyParquet(peer, next())),
        job: () => timeMs(() => publishDelta(engine, next())),
      },
      { warmUps: 1, repetitions: 21 },
    );
    const values = { name: "DuckDB `copy` to Parquet", values: copy };
    return [
      {
        name: "3 M rows Parquet → Delta: stage, flush, commit",
        unit: "ms",
        ours: writer,
        peer: values,
        target: { kind: "ratio", atMost: 1.2 },
      },
      {
        name: "the same as a job's whole publication, with its audit of the rows",
        unit: "ms",
        ours: job,
        peer: values,
        target: { kind: "ratio", atMost: 1.2 },
      },
    ];
  },
};

/** Stages and commits a replace of all rows. */
async function writeDelta(engine: Engine, table: string, stagingFolder: string): Promise<void> {
  await using session = await engine.open();
  await mkdir(stagingFolder);
  const sql = `select * from read_parquet(${quoteLiteral(source)})`;
  const layout = layOutFiles(await session.describe(sql), undefined, []);
  const signal = new AbortController().signal;
  const staged = await stageRows({
    session,
    signal,
    sql,
    layout,
    folder: join(stagingFolder, "rows"),
  });
  await staged.flush();
  const { committed, rowCount } = await commitDelta({
    session,
    tablePath: table,
    mode: "replace",
    staged: staged.files,
    schema: layout.columns,
    partitionBy: [],
    schemaContract: "evolve",
    writer: { runId: randomUUID(), job: "bench", dataset: "bench", fingerprint: randomUUID() },
    stagingDir: stagingFolder,
    onIntent: () => Promise.resolve(),
    assertHeld: () => Promise.resolve(),
  });
  if (!committed || rowCount !== 3_000_000) throw new Error(`expected a commit of 3,000,000 rows, got: ${rowCount}`);
}

/** What a run of a job without checks does. */
async function publishDelta(engine: Engine, root: string): Promise<void> {
  await mkdir(root);
  const data = createBenchRuns(engine, root)(1);
  const { rows } = await data.publish({
    source: { file: { path: source } },
    output: { dataset: "flights", delta: { path: "lake/flights" } },
  });
  if (rows !== 3_000_000) throw new Error(`expected 3,000,000 published rows, got: ${rows}`);
}

async function copyParquet(peer: DuckDbPeer, path: string): Promise<void> {
  await peer.run(
    `copy (select * from read_parquet(${quoteLiteral(source)})) to ${quoteLiteral(path)} (${parquetOptions})`,
  );
  await flush(path);
  await flush(dirname(path));
}
