// All rows of a Delta table, opened and summed: in one file, in partitions, and with deletion vectors, beside the query engine of the
// `deltalake` package of Python, both in processes that stay.
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import type { EngineSession } from "../../src/compute/engine.ts";
import { openDeltaScan, openDeltaSnapshot } from "../../src/data/delta/delta-table.ts";
import { writeCommit } from "../../tests/support/data/delta-builder.ts";
import { publish } from "../../tests/support/data/delta-publish.ts";
import { storedVectors } from "../../tests/support/data/deletion-vectors.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { type Sides, takeTurns, timeMs } from "../harness/take-turns.ts";
import { type DeltaLakePeer, openDeltaLakePeer } from "./deltalake-peer.ts";
import { computeSettings } from "../data/duckdb-peer.ts";

const rowCount = 3_000_000;
const filesWithVectors = 30;
const query = "select count(*) as n, sum(id), sum(k), sum(amount), sum(length(note)), min(day), max(seen) from t";

export const bench: Bench = {
  name: "delta-scan",
  description: `${rowCount} rows of a Delta table summed, beside deltalake's query engine`,
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    await using session = await engine.open();
    await using peer = await openDeltaLakePeer();
    const tables = await writeTables(session, folder.path);
    const values = await takeTurns(sidesOf(session, peer, tables), { warmUps: 1, repetitions: 11 });
    return [...tables].map(([name, { target }]): Measure => ({
      name,
      unit: "ms",
      ours: values[name] ?? [],
      peer: { name: "deltalake, its query engine", values: values[peerOf(name)] ?? [] },
      target: { kind: "ratio", atMost: target },
    }));
  },
};

interface BenchTable {
  readonly path: string;
  readonly target: number;
}

async function writeTables(session: EngineSession, folder: string): Promise<ReadonlyMap<string, BenchTable>> {
  const place = (name: string): string => join(folder, name);
  await publish(session, place("one"), rowsSql(rowCount));
  await publish(session, place("twelve"), rowsSql(rowCount), { partitionBy: ["month"] });
  await publish(session, place("thousand"), rowsSql(100_000, "i % 1000"), { partitionBy: ["month"] });
  for (let file = 0; file < filesWithVectors; file += 1)
    await publish(session, place("vectors"), rowsSql(rowCount / filesWithVectors));
  await cp(place("vectors"), place("files"), { recursive: true });
  await deleteTenth(session, place("vectors"));
  return new Map([
    ["one file", { path: place("one"), target: 1.5 }],
    [`${filesWithVectors} files`, { path: place("files"), target: 1.5 }],
    ["12 partitions", { path: place("twelve"), target: 1.5 }],
    ["1,000 partitions, 100,000 rows", { path: place("thousand"), target: 1.5 }],
    [`${filesWithVectors} files, each without a tenth of its rows`, { path: place("vectors"), target: 2 }],
  ]);
}

function rowsSql(count: number, month = "i % 12"): string {
  return `select i as id, i % 1000 as k, i * 1.5::double as amount, 'text ' || (i % 100) as note,
    date '2020-01-01' + (i % 365)::integer as day, timestamptz '2020-01-01' + to_seconds(i) as seen,
    (${month})::integer as month from range(${count}) t(i)`;
}

/** Takes a scattered tenth of the rows out of every file. */
async function deleteTenth(session: EngineSession, path: string): Promise<void> {
  const { files, version } = await openDeltaSnapshot(path, { session });
  const features = { readerFeatures: ["deletionVectors"], writerFeatures: ["deletionVectors"] };
  const actions: unknown[] = [{ protocol: { minReaderVersion: 3, minWriterVersion: 7, ...features } }];
  const all = Array.from({ length: rowCount / filesWithVectors }, (_, row) => row);
  const rows = all.filter((row) => (row * 2_654_435_761) % 2 ** 32 < 2 ** 32 / 10);
  const vectors = storedVectors(
    path,
    files.map(() => rows),
  );
  for (const [index, file] of files.entries()) {
    actions.push({ remove: { path: file.path, dataChange: true, deletionTimestamp: 1 } });
    actions.push({ add: { ...file, deletionVector: vectors[index] } });
  }
  await writeCommit(path, version + 1, actions);
}

function sidesOf(session: EngineSession, peer: DeltaLakePeer, tables: ReadonlyMap<string, BenchTable>): Sides<string> {
  const sides: [string, () => Promise<number>][] = [];
  for (const [name, { path }] of tables) {
    sides.push([name, () => timeMs(() => sum(session, path))]);
    sides.push([peerOf(name), async () => (await peer.read({ table: path, sql: query })).ms]);
  }
  return Object.fromEntries(sides);
}

async function sum(session: EngineSession, path: string): Promise<void> {
  const { version } = await openDeltaSnapshot(path, { session });
  await session.defineScan("t", await openDeltaScan(path, { session, version }));
  const [row] = await session.query(query);
  if (row === undefined || Number(row["n"]) === 0) throw new Error("expected rows, got: none");
}

function peerOf(name: string): string {
  return `deltalake: ${name}`;
}
