import { gzipSync } from "node:zlib";
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createMapThreadLauncher } from "../../../src/app/launch-map-thread.ts";
import { runMapReduce } from "../../../src/compute/mapreduce/map-reduce.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { aggregateJob } from "../../../src/data/jobs/aggregate-job.ts";
import { mapReduceJob } from "../../../src/data/jobs/map-reduce-job.ts";
import { createTestProject } from "../../../src/testing/test-project.ts";

const log = [
  '127.0.0.1 - - [10/Oct/2026:13:55:36 +0000] "GET /a.html HTTP/1.1" 200 2326',
  '127.0.0.1 - - [10/Oct/2026:13:55:37 +0000] "GET /b.html HTTP/1.1" 200 11',
  '127.0.0.1 - - [10/Oct/2026:13:55:38 +0000] "GET /a.html HTTP/1.1" 404 7',
].join("\n");

const pageHits = mapReduceJob({
  name: "page_hits",
  input: { files: "logs/*" },
  map: (line, emit) => emit(line.field(6), 1),
  reduce: { init: 0, add: (sum, n) => sum + n, merge: (a, b) => a + b },
  row: (page, hits) => ({ page, hits }),
  checks: [{ unique: ["page"] }],
  output: { dataset: "page_hits" },
});

test("lines of plain and packed files become a dataset, with figures and checks", async () => {
  await using project = await createTestProject({ files: { "logs/a.log": log, "logs/b.log.gz": gzipSync(log) } });
  const run = await project.run(pageHits);
  expect(run).toMatchObject({
    state: "FINISHED",
    result: { dataset: "page_hits", rows: 2, figures: { records: 6, keys: 2 } },
  });
  expect(await project.query("select page, hits from page_hits order by page", ["page_hits"])).toEqual([
    { page: "/a.html", hits: 4n },
    { page: "/b.html", hits: 2n },
  ]);
});

test("a plan tells the files or the dataset, and where rows would go, and reads none", async () => {
  await using project = await createTestProject({ files: { "logs/a.log": log, "logs/b.log.gz": gzipSync(log) } });
  const [byFiles] = await project.plan(pageHits);
  expect(byFiles?.plan).toMatchObject({
    sql: [],
    inputs: [],
    output: { dataset: "page_hits", mode: "replace" },
    notes: ["what columns the rows have is only known when `map` and `reduce` have made them"],
  });
  expect(JSON.stringify(byFiles?.plan?.source)).toMatch(/a\.log.*b\.log\.gz/);
  await project.publish("orders", [{ id: 1 }]);
  const ofDataset = mapReduceJob({
    name: "totals",
    input: { dataset: "orders" },
    map: (order, emit) => emit("all", Number(order["id"])),
    reduce: { init: 0, add: (sum, n) => sum + n, merge: (a, b) => a + b },
    output: { dataset: "totals" },
  });
  const [byDataset] = await project.plan(ofDataset);
  expect(byDataset?.plan).toMatchObject({ inputs: [{ dataset: "orders", version: 1, rows: 1 }], sql: [] });
  expect(byDataset?.plan?.output).not.toHaveProperty("columns");
});

test("a key is a text whatever it looks like, and a table of numbers takes whole ones, too", async () => {
  await using project = await createTestProject();
  const job = (factor: number) =>
    mapReduceJob({
      name: "totals",
      input: { dataset: "days" },
      map: (row, emit) => emit(String(row["day"]), factor),
      reduce: { init: 0, add: (sum: number, n: number) => sum + n, merge: (a: number, b: number) => a + b },
      output: { dataset: "totals" },
    });
  await project.publish("days", [{ day: "2026-01-01" }, { day: "2026-01-02" }, { day: "2026-01-02" }]);
  const types = "select typeof(key) as key, typeof(value) as type, value from totals order by all";
  await project.run(job(0.5));
  expect(await project.query(types, ["totals"])).toEqual([
    { key: "VARCHAR", type: "DOUBLE", value: 0.5 },
    { key: "VARCHAR", type: "DOUBLE", value: 1 },
  ]);
  await project.run(job(2));
  expect(await project.query(types, ["totals"])).toEqual([
    { key: "VARCHAR", type: "DOUBLE", value: 2 },
    { key: "VARCHAR", type: "DOUBLE", value: 4 },
  ]);
});

test("a key keeps each of its characters, whatever JSON has to say of it", async () => {
  const keys = ["a\u0000b", 'a "b"\\', "ü\u2028", "", "null"];
  await using project = await createTestProject({
    files: { "keys.ndjson": keys.map((k) => `${JSON.stringify({ k })}\n`).join("") },
  });
  const job = mapReduceJob({
    name: "kept",
    input: { files: "keys.ndjson" },
    read: "ndjson",
    map: (record, emit) => emit(String(record["k"]), 1),
    reduce: { init: 0, add: (sum, n) => sum + n, merge: (a, b) => a + b },
    output: { dataset: "kept" },
  });
  await project.run(job);
  const rows = await project.query("select key from kept", ["kept"]);
  expect(rows.map(({ key }) => String(key)).toSorted()).toEqual(keys.toSorted());
});

test("rows of a dataset come by their columns where a job takes batches", async () => {
  await using project = await createTestProject();
  await project.publish(
    "orders",
    Array.from({ length: 5_000 }, (_, id) => ({ id, city: id % 2 === 0 ? "Ulm" : null, price: id % 3 })),
  );
  const definition = {
    name: "totals",
    input: { dataset: "orders" },
    reduce: { init: 0, add: (sum: number, n: number) => sum + n, merge: (a: number, b: number) => a + b },
    output: { dataset: "totals" },
  } as const;
  const totals = mapReduceJob({
    ...definition,
    mapBatch: (batch, emit) => {
      const [cities, prices] = [batch.column("city"), batch.column("price")];
      for (let row = 0; row < batch.length; row += 1) emit(String(cities[row]), Number(prices[row]));
    },
  });
  const run = await project.run(totals);
  expect(run).toMatchObject({ result: { figures: { records: 5_000, emitted: 5_000, keys: 2 } } });
  expect(await project.query("select key, value from totals order by key", ["totals"])).toEqual([
    { key: "Ulm", value: 2_499n },
    { key: "null", value: 2_500n },
  ]);
  const wrong = mapReduceJob({ ...definition, mapBatch: (batch) => void batch.column("town") });
  await expect(project.run(wrong)).rejects.toMatchObject({
    code: "MAP_FAILED",
    message: expect.stringMatching(/failed on rows 1 to \d+ of `orders`: the rows have no column `town`/) as string,
  });
});

test("rows of a dataset are records, too, and lines that fail go to a dataset of their own", async () => {
  await using project = await createTestProject();
  await project.publish("orders", [
    { id: 1, city: "Ulm", price: 3 },
    { id: 2, city: "Bonn", price: 4 },
    { id: 3, city: "Ulm", price: 5 },
  ]);
  const totals = mapReduceJob({
    name: "totals",
    input: { dataset: "orders" },
    map: (order, emit) => {
      if (order["city"] === "Bonn") throw new Error("no such city");
      emit(String(order["city"]), Number(order["price"]));
    },
    reduce: { init: 0, add: (sum, n) => sum + n, merge: (a, b) => a + b },
    badRecords: { deadLetter: "bad_orders" },
    output: { dataset: "totals" },
  });
  await project.run(totals);
  expect(await project.query("select * from totals", ["totals"])).toEqual([{ key: "Ulm", value: 8n }]);
  expect(await project.query("select file, starts_at, reason from bad_orders", ["bad_orders"])).toEqual([
    { file: "orders", starts_at: 1n, reason: "no such city" },
  ]);
});

test("a job for Spark is refused where the project has none", async () => {
  await using project = await createTestProject({ files: { "logs/a.log": log } });
  const onSpark = mapReduceJob({
    name: "page_hits",
    input: { files: "logs/*" },
    map: (line, emit) => emit(line.field(6), 1),
    reduce: { init: 0, add: (sum, n) => sum + n, merge: (a, b) => a + b },
    output: { dataset: "page_hits" },
    engine: "spark",
  });
  await expect(project.run(onSpark)).rejects.toMatchObject({ code: "CAPABILITY_MISSING" });
});

test("without a key there is no row", async () => {
  await using project = await createTestProject({ files: { "logs/a.log": "" } });
  await expect(project.run(pageHits)).rejects.toMatchObject({ code: "SOURCE_EMPTY" });
});

const jobFile = `import { mapReduceJob } from "millrace";
const first = 6;
export default mapReduceJob({
  name: "page_hits",
  input: { files: "logs/*" },
  map: (line, emit) => emit(line.field(first), 1),
  reduce: { init: 0, add: (sum, n) => sum + n, merge: (a, b) => a + b },
  row: (page, hits) => ({ page, hits }),
  output: { dataset: "page_hits" },
});
`;

/** The rows of `page_hits`, made in a thread that loads the job from a file with this text. */
async function rowsInThread(text: string): Promise<readonly string[]> {
  const root = await mkdtemp(join(tmpdir(), "millrace-map-job-"));
  try {
    const [file, path, folder] = [join(root, "page_hits.ts"), join(root, "a.log"), join(root, "work")];
    await Promise.all([writeFile(file, text), writeFile(path, log), mkdir(folder)]);
    const options = {
      input: { files: [{ path, name: "a.log", bytes: (await stat(path)).size }] },
      memoryBytes: 1_000_000,
      threads: 1,
      inlineBytes: 0,
      splitBytes: 100,
      maxLineBytes: 1_000,
      bad: { most: 0, isKept: false },
      folder,
      signal: new AbortController().signal,
      onProgress: () => undefined,
    };
    const { mapReduce: code } = pageHits;
    if (code === undefined) throw new MillraceError("INTERNAL", "the job has no functions");
    const launch = createMapThreadLauncher("page_hits", { file, root });
    const { files, splits } = await runMapReduce({ ...options, code, launch });
    expect(splits).toBe(2);
    const rows = (await Promise.all(files.map(async (part) => await readFile(part, "utf8")))).join("");
    return rows.trimEnd().split("\n").toSorted();
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

test.each([
  ["nothing but its name is handed to them", jobFile],
  ["whatever of the package it imports", jobFile.replace("mapReduceJob }", "defineJob, mapReduceJob }")],
  [
    "however it imports it",
    jobFile.replace("{ mapReduceJob }", "* as all").replace("mapReduceJob(", "all.mapReduceJob("),
  ],
  ["also one of several", jobFile.replace("default mapReduceJob", "default [mapReduceJob").replace(/\);\n$/, ")];\n")],
])("threads load the file of the job, %s", async (_what, text) => {
  expect(await rowsInThread(text)).toEqual(['{"page":"/a.html","hits":2}', '{"page":"/b.html","hits":1}']);
});

test.each([
  ["JOB_UNKNOWN", jobFile.replace('name: "page_hits"', 'name: "other_hits"')],
  ["MODULE_UNREADABLE", jobFile.replace("const first = 6;", "throw new RangeError();")],
  ["JOB_INVALID", jobFile.replace("default mapReduceJob", "default String")],
])("a file that is not any more what it was when the run began fails it with %s", async (code, text) => {
  await expect(rowsInThread(text)).rejects.toMatchObject({ code });
});

test.each<[Record<string, unknown>, string]>([
  [
    { map: undefined },
    "expected `map` of job `page_hits` to be said, or one of `mapBytes`, `mapBatch` and `key` in its place",
  ],
  [
    { mapBytes: () => undefined },
    "expected `map` of job `page_hits` to be said, or one of `mapBytes`, `mapBatch` and `key` in its place, got: `map and mapBytes`",
  ],
  [
    { map: undefined, key: { field: 6 } },
    "expected `reduce` of job `page_hits` to be `count`, `{ sum }`, `{ min }` or `{ max }` beside `key`, got: `a function`",
  ],
  [
    { map: undefined, key: { field: "page" }, reduce: "count" },
    "expected `key` of job `page_hits` to be a number for lines, which have no header, got: `page`",
  ],
  [
    { map: undefined, key: { field: 6 }, reduce: "count", read: "ndjson" },
    "expected `key` of job `page_hits` to be left out for what is read neither as lines nor as CSV, got: `ndjson`",
  ],
  [
    { reduce: "count" },
    "expected `reduce` of job `page_hits` to be a function, or `init`, `add` and `merge`, without `key`, got: `count`",
  ],
  [
    { map: undefined, mapBatch: () => undefined },
    "expected `mapBatch` of job `page_hits` to be left out for files that have no rows, only lines, got: `lines`",
  ],
  [
    { map: undefined, mapBatch: () => undefined, input: { dataset: "orders" }, badRecords: { skip: 1 } },
    "expected `badRecords` of job `page_hits` to be `fail` beside `mapBatch`, which tells of no single row",
  ],
  [{ input: { dataset: "hits" }, read: "csv" }, "expected `read` of job `page_hits` to be left out for a dataset"],
  [{ reduce: { init: 0 } }, "expected `reduce` of job `page_hits` to be a function, an object with `init`"],
  [{ separator: "ab" }, "expected `separator` of job `page_hits` to be one character of ASCII"],
  [{ metrics: { pages: { min: 1 } } }, "expected `metrics` of job `page_hits`"],
])("%j is refused", (wrong, message) => {
  const minimal = {
    name: "page_hits",
    input: { files: "a.log" },
    map: () => undefined,
    reduce: () => undefined,
    output: { dataset: "hits" },
  } as const;
  expect(() => mapReduceJob({ ...minimal, ...wrong })).toThrow(message);
});

test("declared aggregates are those of functions, of files and of a dataset", async () => {
  const rows = ["city,n", "Ulm,3", "Bonn,4", "Ulm,6"].join("\n");
  await using project = await createTestProject({ files: { "orders/a.csv": rows } });
  const aggregates = {
    orders: "count",
    n: { sum: "n" },
    least: { min: "n" },
    most: { max: "n" },
    mean: { avg: "n" },
  } as const;
  const input = { files: "orders/*.csv" };
  await project.run(aggregateJob({ name: "by_city", input, by: ["city"], aggregates, output: { dataset: "by_city" } }));
  const totals = mapReduceJob({
    name: "totals",
    input,
    read: "csv",
    map: (order, emit) => emit(order.field("city"), order.field("n").number()),
    reduce: (_city: string, values: Iterable<number>) => [...values],
    row: (city, values) => ({
      city,
      orders: values.length,
      n: values.reduce((a, b) => a + b),
      least: Math.min(...values),
      most: Math.max(...values),
      mean: values.reduce((a, b) => a + b) / values.length,
    }),
    output: { dataset: "totals" },
  });
  await project.run(totals);
  const columns = "city, orders, n::bigint as n, least, most, mean::double as mean";
  const declared = await project.query(`select ${columns} from by_city order by city`, ["by_city"]);
  expect(declared).toEqual(await project.query(`select ${columns} from totals order by city`, ["totals"]));
  expect(declared).toHaveLength(2);
  const again = { dataset: "by_city" };
  await project.run(
    aggregateJob({
      name: "all",
      input: again,
      by: ["city"],
      aggregates: { cities: "count" },
      output: { dataset: "all_cities" },
    }),
  );
  expect(await project.query("select cities from all_cities", ["all_cities"])).toEqual([
    { cities: 1n },
    { cities: 1n },
  ]);
});
