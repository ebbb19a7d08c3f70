// Map and reduce on executors of a real Spark: rows and their order are those of this machine, and what goes wrong is told as here.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { beforeAll, expect, test } from "vitest";
import { createMapThreadLauncher } from "../../../src/app/launch-map-thread.ts";
import { createDuckDbEngine } from "../../../src/compute/duckdb/duckdb-engine.ts";
import { quoteLiteral } from "../../../src/compute/engine.ts";
import type { MapInput, MapReduced, MapReduceOptions } from "../../../src/compute/mapreduce/map-reduce-options.ts";
import { runMapReduce } from "../../../src/compute/mapreduce/map-reduce.ts";
import { runOnExecutors } from "../../../src/compute/spark/executors/run-on-executors.ts";
import type { TaskStarter } from "../../../src/compute/spark/executors/executors.ts";
import { openSparkTasks } from "../../../src/compute/spark/executors/spark-tasks.ts";
import type { ConnectSession } from "../../../src/compute/spark/connect/connect-session.ts";
import { queryRows } from "../../../src/compute/spark/read-rows.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { createSystemClock } from "../../../src/platforms/local/system-clock.ts";
import { createSmallProject } from "../../support/cli/small-project.ts";
import { expectFailure } from "../../support/expect-failure.ts";
import { MapScene } from "../../support/mapreduce/map-scene.ts";
import { executorJobs, ExecutorRuns, type JobName, optionsOf, refuseTransform, withFolder } from "./executor-runs.ts";

let runs: ExecutorRuns;

beforeAll(async () => {
  runs = await ExecutorRuns.open();
});

const pages = Array.from({ length: 20_000 }, (_, n) => (n % 10 === 0 ? `/page/${(n * 7_919) % 3_000}` : "/index.html"));
const log = pages
  .map((page, n) => `10.0.0.${n % 250} - - [10/Oct/2026 +0000] "GET ${page} HTTP/1.1" 200 ${n}`)
  .join("\n");
const orders = Array.from({ length: 5_000 }, (_, n) => `${n},"City ""${n % 40}""",${n % 17}`).join("\n");
const events = Array.from({ length: 5_000 }, (_, n) => `{"device":"d${n % 50}","at":${n}}`).join("\n");

test.each<[JobName, Record<string, string | Uint8Array>]>([
  ["page_hits", { "a.log": log, "b.log.gz": gzipSync(log), "c.log.zst": zstdCompressSync(log) }],
  ["by_city", { "a.csv": `id,city,price\n${orders}\n`, "b.csv.gz": gzipSync(`id,city,price\n${orders}`) }],
  ["values_in_order", { "a.ndjson": events, "b.ndjson.gz": gzipSync(events) }],
])("rows of `%s` are those of this machine, in their order", async (job, contents) => {
  await using scene = await MapScene.create();
  const files = await Promise.all(Object.entries(contents).map(async ([name, text]) => await scene.file(name, text)));
  const [here, there] = [
    await runs.runHere(job, { files }),
    await runs.runThere(job, { files }, { splitBytes: 1_000_000 }),
  ];
  expect(there.sha256).toBe(here.sha256);
  const { records, emitted, keys, rows } = here;
  expect(there).toMatchObject({ records, emitted, keys, rows, bad: 0, lostAttempts: 0 });
});

const projectJobs = `import { mapReduceJob } from "millrace";
const sum = { init: 0, add: (total: number, n: number) => total + n, merge: (a: number, b: number) => a + b };
export default (["local", undefined] as const).flatMap((engine) => {
  const name = engine ?? "spark";
  const page_hits = mapReduceJob({
    name: \`hits_\${name}\`,
    input: { files: "logs/*" },
    map: (line, emit) => emit(line.field(6), 1),
    reduce: sum,
    row: (page, hits) => ({ page, hits }),
    output: { dataset: \`hits_\${name}\`, ndjson: { path: \`out/hits-\${name}.ndjson\` } },
    ...(engine === undefined ? {} : { engine }),
  });
  const by_hits = mapReduceJob({
    name: \`counts_\${name}\`,
    input: { dataset: "hits_local" },
    map: (row, emit) => emit(\`\${typeof row["hits"]} \${String(row["hits"])}\`, 1),
    reduce: sum,
    output: { dataset: \`counts_\${name}\`, ndjson: { path: \`out/counts-\${name}.ndjson\` } },
    ...(engine === undefined ? {} : { engine }),
  });
  return [page_hits, by_hits];
});
`;

test("jobs of a project with Spark are computed there, and publish the bytes that this machine does", async () => {
  await using project = await createSmallProject({
    "millrace.config.ts": `import { defineProject } from "millrace";
export default defineProject({ slots: 1, compute: { engine: "spark", connect: "sc://127.0.0.1:${runs.spark.port}" } });
`,
    "jobs/hits.ts": projectJobs,
    "logs/a.log": log,
  });
  for (const job of ["hits_local", "hits_spark", "counts_local", "counts_spark"]) {
    const { exitCode, stderr } = await project.run("run", job);
    expect({ job, exitCode, stderr: exitCode === 0 ? "" : stderr }).toEqual({ job, exitCode: 0, stderr: "" });
  }
  const read = async (name: string): Promise<string> => await readFile(join(project.path, "out", name), "utf8");
  expect(await read("hits-spark.ndjson")).toBe(await read("hits-local.ndjson"));
  expect(await read("counts-spark.ndjson")).toBe(await read("counts-local.ndjson"));
  expect(await read("counts-spark.ndjson")).toContain('"bigint');
  expect(await readdir(join(project.path, "lake/.millrace-spark"))).toEqual([]);
});

/** Some lines of JSON, of few or many keys, the same for a number each time. */
function generate(seed: number): readonly { readonly key: string; readonly n: number }[] {
  let state = seed * 2_654_435_761 + 1;
  const next = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const keys = [1, 5, 200, 100_000][seed % 4] ?? 1;
  const odd = ["", "é", "\u{1f600}", "a b", '"', "\\", "\t", "NULL", "\\N"];
  return Array.from({ length: next(1_500) + 1 }, () => {
    const key = next(keys);
    return { key: key < odd.length ? (odd[key] ?? "") : `key${key}`, n: next(1_000) - 500 };
  });
}

function toLines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join("");
}

function countInLoop(events: ReturnType<typeof generate>): readonly object[] {
  const totals = new Map<string, number>();
  for (const { key, n } of events) totals.set(key, (totals.get(key) ?? 0) + n);
  return [...totals].map(([key, value]) => ({ key, value }));
}

/** What DuckDB is asked for, of rows in any order. */
function digest(text: string): object {
  const rows = text
    .split("\n")
    .flatMap((line) => (line === "" ? [] : [JSON.parse(line) as { key: string; value: number }]));
  const sorted = rows.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const lines = sorted.map(({ key, value }) => `${key} ${value}`).join("\n");
  const total = rows.reduce((sum, { value }) => sum + value, 0);
  return { keys: rows.length, total, sum: createHash("md5").update(lines).digest("hex") };
}

test("threads, Spark, DuckDB and a loop agree on twenty generated inputs", async () => {
  await using tasks = await openSparkTasks(await runs.spark.open(), runs.code, new AbortController().signal);
  await using engine = createDuckDbEngine({ threads: 2, memoryLimit: "256MB" });
  await using session = await engine.open();
  const executors = {
    open: () => Promise.resolve({ ...tasks, [Symbol.asyncDispose]: () => Promise.resolve() }),
    clock: createSystemClock(),
  };
  const launch = createMapThreadLauncher("keys_counted", executorJobs);
  for (let seed = 0; seed < 20; seed += 1) {
    await using scene = await MapScene.create();
    const events = generate(seed);
    const [first, second] = [events.slice(0, 300), events.slice(300)].map(toLines);
    const files = [await scene.file("a.ndjson", first ?? ""), await scene.file("b.ndjson.gz", gzipSync(second ?? ""))];
    const run = async (
      work: (options: MapReduceOptions) => Promise<MapReduced>,
      more: Parameters<typeof optionsOf>[3] = {},
    ) => await withFolder(async (folder) => await work(optionsOf("keys_counted", { files }, folder, more)));
    const here = await run(runMapReduce);
    // threads load the file of the job, which takes most of the time, so every fifth input has some
    const inThreads = seed % 5 === 0 ? { launch, threads: 2 } : {};
    const threads = await run(runMapReduce, { ...inThreads, splitBytes: 3_000 });
    // each process takes a third of a second, so of five inputs one is in many parts, one in some, and the others in one
    const splitBytes = [8_000, 20_000][seed % 5] ?? 1_000_000;
    const there = await run((options) => runOnExecutors(options, executors), { splitBytes });
    expect([seed, threads.sha256, there.sha256]).toEqual([seed, here.sha256, here.sha256]);
    const list = files.map(({ path }) => quoteLiteral(path)).join(", ");
    const [asked] = await session.query(
      `select count(*)::int as keys, sum(n)::int as total, md5(string_agg(key || ' ' || n, '\n' order by key)) as sum
        from (select key, sum(n) as n from read_json([${list}], format = 'newline_delimited',
          columns = { key: 'VARCHAR', n: 'BIGINT' }) group by key)`,
    );
    expect([seed, digest(here.text)]).toEqual([seed, asked]);
    expect([seed, digest(toLines(countInLoop(events)))]).toEqual([seed, asked]);
  }
});

test("rows of a dataset have the types that they have here", async () => {
  const input = (): MapInput => ({
    name: "orders",
    rows: (async function* () {
      await Promise.resolve();
      for (let n = 0; n < 3; n += 1) {
        yield [{ id: 9_007_199_254_740_993n + BigInt(n), price: "1.50", at: "2026-01-01T00:00:00Z", big: Number.NaN }];
      }
    })(),
  });
  const [here, there] = [await runs.runHere("rows_by_type", input()), await runs.runThere("rows_by_type", input())];
  expect(there.sha256).toBe(here.sha256);
  expect(there.records).toBe(3);
});

test("what `map` throws on is said as here, and bad records may be left out", async () => {
  await using scene = await MapScene.create();
  const lines = Array.from({ length: 50_000 }, (_, n) => (n === 45_000 ? `bad ${n}` : `ok ${n}`));
  const files = [await scene.file("a.log", lines.join("\n"))];
  const told = await expectFailure(runs.runHere("strict", { files }));
  const split = { splitBytes: 100_000 };
  expect(await expectFailure(runs.runThere("strict", { files }, split))).toMatchObject({
    code: "MAP_FAILED",
    message: told.message,
  });
  const skipped = await runs.runThere("strict", { files }, { ...split, bad: { most: 1, isKept: true } });
  expect(skipped).toMatchObject({ records: 50_000, bad: 1, letters: [{ file: "a.log", text: "bad 45000" }] });
  const packed = gzipSync(log);
  const cut = [await scene.file("cut.log.gz", packed.subarray(0, packed.length / 2))];
  expect((await expectFailure(runs.runThere("strict", { files: cut }))).code).toBe("SOURCE_UNREADABLE");
});

test("where `transform` is refused, Python starts the processes", async () => {
  await using scene = await MapScene.create();
  const files = [await scene.file("a.log", log), await scene.file("b.log.gz", gzipSync(log))];
  const there = await runs.runThere("page_hits", { files }, { splitBytes: 1_000_000 }, refuseTransform);
  expect(there.sha256).toBe((await runs.runHere("page_hits", { files })).sha256);
  const bad = [await scene.file("c.log", "ok 1\nbad 2\n")];
  expect(await expectFailure(runs.runThere("strict", { files: bad }, {}, refuseTransform))).toMatchObject({
    code: "MAP_FAILED",
    message: "`map` of job `strict` failed on line 2 of `c.log`, byte 5: it is bad",
  });
  const once = [await scene.file("d.log", `birch ${join(scene.root, "mark")}\n`)];
  expect(await runs.runThere("dies_once", { files: once }, {}, refuseTransform)).toMatchObject({
    rows: 1,
    lostAttempts: 1,
  });
});

test("executors that do not see the folder are told so", async () => {
  await using scene = await MapScene.create();
  const files = [await scene.file("a.log", "ash\n")];
  const open = async (signal: AbortSignal): Promise<TaskStarter> => {
    const tasks = await openSparkTasks(await runs.spark.open(), runs.code, signal);
    return { ...tasks, start: (round, stop) => tasks.start({ ...round, folder: "/nowhere" }, stop) };
  };
  const running = withFolder(async (folder) => {
    return await runOnExecutors(optionsOf("strict", { files }, folder, {}), { open, clock: createSystemClock() });
  });
  expect((await expectFailure(running)).code).toBe("CONFIG_INVALID");
});

test("a process that is killed costs an attempt, and no row", async () => {
  await using scene = await MapScene.create();
  const files = [
    await scene.file("a.log", "ash\n".repeat(15)),
    await scene.file("b.log", `birch ${join(scene.root, "mark")}\n`),
  ];
  const { rows, records, lostAttempts } = await runs.runThere("dies_once", { files }, { splitBytes: 64 });
  expect({ rows, records }).toEqual({ rows: 2, records: 16 });
  expect(lostAttempts).toBeGreaterThanOrEqual(1);
});

test.each([
  ["`transform`", (session: ConnectSession) => session],
  ["Python", refuseTransform],
])(
  "a reduction that never returns ends with the run, and leaves no process and all slots: %s",
  async (_way, change) => {
    await using scene = await MapScene.create();
    const files = [await scene.file("a.log", "ash\nbirch\n")];
    const control = new AbortController();
    const onProgress = (_done: number, _total: number, operation: string): void => {
      if (operation !== "reducing") return;
      void runs.listProcesses().then((found) => {
        if (found.length > 0) control.abort(new MillraceError("JOB_TIMED_OUT", "too long"));
      });
    };
    const running = runs.runThere("endless", { files }, { signal: control.signal, onProgress }, change);
    expect((await expectFailure(running)).code).toBe("JOB_TIMED_OUT");
    // they are told by the folder, and end a moment after it
    await expect.poll(async () => await runs.listProcesses(), { timeout: 10_000 }).toEqual([]);
    await using session = await runs.spark.open();
    expect(await queryRows(session, "select count(*) as n from range(0, 10, 1, 2)")).toEqual([{ n: 10n }]);
  },
);
