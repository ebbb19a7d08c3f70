// Publications to Delta tables in a bucket of versitygw on loopback, beside the same ones to a folder of this machine, and a query of
// what was published. The server keeps its objects on the same disk.
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { rawData } from "../../examples/flights/raw-data.ts";
import { createDuckDbEngine } from "../../src/compute/duckdb/duckdb-engine.ts";
import { FileCache } from "../../src/connections/files/file-cache.ts";
import { lendFileServices } from "../../src/connections/files/find-file-service.ts";
import { type Engine, quoteLiteral } from "../../src/compute/engine.ts";
import { openConnections } from "../../tests/support/files/file-services.ts";
import { startVersitygw } from "../../tests/services/files/versitygw.ts";
import { computeSettings } from "../data/duckdb-peer.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { createBenchRuns } from "../harness/bench-data.ts";
import { createBenchFolder } from "../harness/bench-folder.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const flights = `select * from read_parquet(${quoteLiteral(rawData("flights-3m.parquet"))})`;
const numbered = `select row_number() over () as id, * from (${flights} limit 500000)`;

type Publication = (typeof publications)[number];

/** A table of some rows, and what is published to it once it is there. */
const publications = [
  { name: "replace by 3 M rows", first: `${flights} limit 1`, sql: flights, mode: "replace" },
  { name: "append of 500,000 rows", first: numbered, sql: numbered, mode: "append" },
  {
    name: "merge of 5,000 rows into 500,000",
    first: numbered,
    sql: `select * replace (-1 as delay) from (${numbered}) where id % 100 = 0`,
    mode: "merge",
  },
] as const;

export const bench: Bench = {
  name: "lake-s3",
  description: "publications to Delta tables in a bucket of versitygw on loopback, beside the same ones to a folder",
  hasServer: true,
  async run() {
    await using folder = await createBenchFolder();
    await using engine = createDuckDbEngine(computeSettings);
    await using gateway = await startVersitygw();
    const declared = { lake: gateway.connection };
    await using connections = openConnections(declared);
    const cache = new FileCache({ folder: join(folder.path, "cache"), maxBytes: 4e9 });
    const takeBack = lendFileServices((name) => connections.files(name), { declared, cache });
    const measures: Measure[] = [];
    for (const publication of publications) {
      const publishTo = (path: string): Promise<number> =>
        timePublication(engine, join(folder.path, randomUUID()), path, publication);
      const { bucket, local } = await takeTurns(
        {
          bucket: () => publishTo(`s3://lake/bench/${randomUUID()}`),
          local: () => publishTo("tables/t"),
        },
        { warmUps: 1, repetitions: 5 },
      );
      measures.push({
        name: publication.name,
        unit: "ms",
        ours: bucket,
        peer: { name: "the same to a folder", values: local },
        target: { kind: "ratio", atMost: 1.5 },
      });
    }
    takeBack();
    return measures;
  },
};

/** Makes the table in a new project, and measures what comes then. */
async function timePublication(
  engine: Engine,
  root: string,
  path: string,
  { first, sql, mode }: Publication,
): Promise<number> {
  await mkdir(root);
  const runs = createBenchRuns(engine, root);
  const named = { dataset: "t", delta: { path } };
  const output = mode === "merge" ? { ...named, mode, key: ["id"] } : { ...named, mode };
  await runs(1).publish({ sql: first, output });
  return await timeMs(() => runs(2).publish({ sql, output }));
}
