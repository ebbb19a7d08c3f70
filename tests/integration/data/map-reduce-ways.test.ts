// All ways to one result: functions over CSV, Parquet and a dataset, a named field, declared aggregates, and a loop that uses nothing of Millrace.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { aggregateJob } from "../../../src/data/jobs/aggregate-job.ts";
import { mapReduceJob } from "../../../src/data/jobs/map-reduce-job.ts";
import { createTestProject } from "../../../src/testing/test-project.ts";

interface Sale {
  readonly city: string;
  readonly n: number;
}

type Totals = Readonly<Record<string, readonly [count: number, sum: number]>>;

const sum = { init: 0, add: (total: number, n: number) => total + n, merge: (a: number, b: number) => a + b };
const fromCsv = mapReduceJob({
  name: "from_csv",
  input: { files: "sales.csv" },
  read: "csv",
  map: (sale, emit) => emit(sale.field("city"), sale.field("n").number()),
  reduce: sum,
  row: (city, total) => ({ city, total }),
  output: { dataset: "from_csv" },
});
const fromField = mapReduceJob({
  name: "from_field",
  input: { files: "sales.csv" },
  read: "csv",
  key: { field: "city" },
  reduce: { sum: "n" },
  row: (city, total) => ({ city, total }),
  output: { dataset: "from_field" },
});
const fromParquet = mapReduceJob({
  name: "from_parquet",
  input: { files: "sales.parquet" },
  read: "parquet",
  map: (sale, emit) => emit(String(sale["city"]), Number(sale["n"])),
  reduce: sum,
  row: (city, total) => ({ city, total }),
  output: { dataset: "from_parquet" },
});
const fromDataset = mapReduceJob({
  name: "from_dataset",
  input: { dataset: "sales" },
  map: (sale, emit) => emit(String(sale["city"]), Number(sale["n"])),
  reduce: sum,
  row: (city, total) => ({ city, total }),
  output: { dataset: "from_dataset" },
});
const declared = aggregateJob({
  name: "declared",
  input: { files: "sales.csv" },
  by: ["city"],
  aggregates: { sales: "count", total: { sum: "n" } },
  output: { dataset: "declared" },
});

test(
  "functions over files and datasets, named fields and declared aggregates come to what a loop does",
  { timeout: 60_000 },
  async () => {
    const city = fc.stringMatching(/^[a-zäß][a-zäß ]{0,6}[a-z]$/);
    const sales = fc.array(fc.record({ city, n: fc.integer({ min: -1_000_000, max: 1_000_000 }) }), {
      minLength: 1,
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(sales, async (given) => {
        const totals = countByLoop(given);
        const csv = ["city,n", ...given.map(({ city: name, n }) => `${name},${n}`)].join("\n");
        await using project = await createTestProject({
          files: { "sales.csv": csv, "sales.parquet": await toParquet(given) },
        });
        await project.publish("sales", given);
        for (const job of [fromCsv, fromField, fromParquet, fromDataset, declared]) {
          await project.run(job);
          const rows = await project.query(`select city, total::bigint as total from ${job.name}`, [job.name]);
          const found = Object.fromEntries(rows.map((row) => [row["city"], Number(row["total"])]));
          expect(found).toEqual(Object.fromEntries(Object.entries(totals).map(([name, [, n]]) => [name, n])));
        }
        const counts = await project.query("select city, sales from declared", ["declared"]);
        expect(Object.fromEntries(counts.map((row) => [row["city"], Number(row["sales"])]))).toEqual(
          Object.fromEntries(Object.entries(totals).map(([name, [count]]) => [name, count])),
        );
      }),
      { numRuns: 4 },
    );
  },
);

function countByLoop(sales: readonly Sale[]): Totals {
  const totals: Record<string, readonly [number, number]> = {};
  for (const { city, n } of sales) {
    const [count, total] = totals[city] ?? [0, 0];
    totals[city] = [count + 1, total + n];
  }
  return totals;
}

async function toParquet(sales: readonly Sale[]): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "millrace-sales-"));
  try {
    const path = join(folder, "sales.parquet");
    const rows = sales.map(({ city, n }) => `('${city}', ${n})`).join(", ");
    await using session = await createDuckDbEngine({ threads: 1, memoryLimit: "200MB" }).open();
    await session.writeParquet(`select * from (values ${rows}) t(city, n)`, { path });
    return await readFile(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
