import { rm } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { MapScene } from "../../../../tests/support/mapreduce/map-scene.ts";
import { ProcessTasks } from "../../../../tests/support/mapreduce/process-tasks.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import type { ColumnChunk } from "../../engine.ts";
import type { MapRow } from "../../../core/mapreduce/map-reduce.ts";

const words = Array.from({ length: 400 }, (_, n) => `word${(n * 37) % 90} ${n}`).join("\n");
const rows = Array.from({ length: 300 }, (_, n) => ({ key: `k${n % 7}`, value: n }));
const listed = rows.map((row) => JSON.stringify(row)).join("\n");
const split = { splitBytes: 5_000 };

test.each([
  ["words", { "a.log": words, "b.log.gz": gzipSync(words), "c.log.zst": zstdCompressSync("fir z\n"), "d.log": "" }],
  ["totals", { "a.log": words }],
  ["lists", { "a.ndjson": listed, "b.ndjson.gz": gzipSync(listed) }],
  ["columns", { "a.csv": `n,city\n${rows.map(({ key, value }) => `${value},"${key}"`).join("\n")}\n` }],
] as const)("rows of `%s` and their order are those of threads", async (code, contents) => {
  await using scene = await MapScene.create();
  const files = await Promise.all(Object.entries(contents).map(async ([name, text]) => await scene.file(name, text)));
  const here = await scene.run(code, files, split);
  const there = await scene.runInProcesses(code, files, split);
  expect(JSON.stringify(there.lines) === JSON.stringify(here.lines)).toBe(true);
  const { records, emitted, keys, bad } = here;
  expect(there).toMatchObject({ records, emitted, keys, bad, rows: here.rows, lostAttempts: 0 });
});

test("rows of an engine keep their types, and their numbers where they are bad", async () => {
  async function* engine(): AsyncGenerator<MapRow[]> {
    await Promise.resolve();
    yield [{ n: 9_007_199_254_740_993n }, { n: 1 }];
    yield [{ n: Number.NaN }, { n: "1" }, { n: Uint8Array.of(1, 2) }, { n: 1 }];
  }
  await using scene = await MapScene.create();
  const { lines } = await scene.runInProcesses("kinds", { rows: engine(), name: "orders" });
  expect(lines).toEqual((await scene.run("kinds", { rows: engine(), name: "orders" })).lines);
  expect(lines).toContainEqual({ key: "bigint 9007199254740993", value: 1 });
  expect(lines).toHaveLength(5);
});

test("rows of an engine come by their columns where a job takes batches", async () => {
  async function* engine(): AsyncGenerator<ColumnChunk> {
    await Promise.resolve();
    yield { length: 2, columns: new Map([["n", [9_007_199_254_740_993n, 1]]]) };
    yield { length: 1, columns: new Map([["n", [null]]]) };
  }
  await using scene = await MapScene.create();
  const { lines, records } = await scene.runInProcesses("batches", { rows: engine(), name: "orders" });
  expect(records).toBe(3);
  expect(lines).toEqual((await scene.run("batches", { rows: engine(), name: "orders" })).lines);
  expect(lines).toContainEqual({ key: "bigint 9007199254740993", value: 1 });
});

test("without input there is no process, and no row", async () => {
  await using scene = await MapScene.create();
  expect(await scene.runInProcesses("words", [])).toMatchObject({ rows: 0, files: [] });
});

describe("what fails", () => {
  test("what `map` throws on is said as here, and what is bad may be left out", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "ok 1\nok 2\nok 3\nbad 4\nok 5\n");
    const { code, message, details } = await expectFailure(scene.run("throws", [file]));
    expect(await expectFailure(scene.runInProcesses("throws", [file]))).toMatchObject({ code, message, details });
    const skipped = await scene.runInProcesses("throws", [file], { bad: { most: 1, isKept: true } });
    expect(skipped.letters).toMatchObject([{ file: "a.log", at: 15, reason: "it is bad", text: "bad 4" }]);
  });

  test("a packed file that was cut is unreadable", async () => {
    await using scene = await MapScene.create();
    const packed = gzipSync(words);
    const file = await scene.file("cut.log.gz", packed.subarray(0, packed.length / 2));
    expect(await expectFailure(scene.runInProcesses("words", [file]))).toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: "reading `cut.log.gz`: unexpected end of file",
    });
  });

  test("a file that executors do not see is said to be that", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", words);
    const elsewhere = { ...file, path: `${file.path}-elsewhere` };
    expect(await expectFailure(scene.runInProcesses("words", [elsewhere]))).toMatchObject({
      code: "SOURCE_UNREADABLE",
      message: "an executor of Spark does not see `a.log`",
    });
  });

  test("a process that ends without a word costs one attempt, and one that always does the run", async () => {
    await using scene = await MapScene.create();
    const files = [
      await scene.file("a.log", "ash 1\n".repeat(10)),
      await scene.file("b.log", `die ${join(scene.root, "mark")}\n`),
    ];
    const tasks = new ProcessTasks();
    const once = await scene.runInProcesses("dies", files, { tasks, splitBytes: 64 });
    expect(once).toMatchObject({ rows: 2, lostAttempts: 1 });
    expect(tasks.rounds.map(({ round }) => round)).toEqual(["map-1", "map-2", "reduce-1"]);
    const always = [await scene.file("c.log", "die\n")];
    expect(await expectFailure(scene.runInProcesses("dies", always))).toMatchObject({ code: "ISOLATE_DIED" });
  });

  test("a process that is killed leaves nothing that counts", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", words);
    const tasks = new ProcessTasks();
    let kills = 0;
    tasks.onStart = (child) => {
      if (kills++ === 0) child.kill("SIGKILL");
    };
    const { lines, lostAttempts } = await scene.runInProcesses("words", [file], { tasks });
    expect(lostAttempts).toBe(1);
    expect(lines).toEqual((await scene.run("words", [file])).lines);
  });

  test("executors that do not see the folder are told so", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", words);
    const tasks = new ProcessTasks();
    tasks.toFolder = (folder) => `${folder}-elsewhere`;
    expect(await expectFailure(scene.runInProcesses("words", [file], { tasks }))).toMatchObject({
      code: "CONFIG_INVALID",
      message: expect.stringMatching(/^executors of Spark cannot read `/),
    });
  });

  test("processes end when the run is stopped, whatever they compute", async () => {
    await using scene = await MapScene.create();
    const file = await scene.file("a.log", "ash\n");
    const tasks = new ProcessTasks();
    const control = new AbortController();
    tasks.onStart = () => {
      if (tasks.rounds.at(-1)?.round === "reduce-1") control.abort(new MillraceError("JOB_TIMED_OUT", "too long"));
    };
    const running = scene.runInProcesses("endless", [file], { tasks, signal: control.signal });
    expect(await expectFailure(running)).toMatchObject({ code: "JOB_TIMED_OUT" });
    expect(tasks.running.size).toBe(0);
  });
});

test("a run whose folder is taken away ends, as do its processes", async () => {
  await using scene = await MapScene.create();
  const file = await scene.file("a.log", "ash\n");
  const tasks = new ProcessTasks();
  tasks.onStart = () => {
    if (tasks.rounds.at(-1)?.round === "reduce-1") void rm(join(scene.root, "work"), { recursive: true, force: true });
  };
  const running = scene.runInProcesses("endless", [file], { tasks });
  await expect(running).rejects.toMatchObject({ code: "ENOENT" });
  expect(tasks.running.size).toBe(0);
});

test("two attempts at once do not see each other", async () => {
  await using scene = await MapScene.create();
  const file = await scene.file("a.log", words);
  const tasks = new ProcessTasks();
  const second: Promise<unknown>[] = [];
  let isFirst = true;
  tasks.onStart = () => {
    const { folder, round } = tasks.rounds.at(-1) ?? { folder: "", round: "" };
    if (!isFirst) return;
    isFirst = false;
    second.push(tasks.run(folder, round, "0\n"));
  };
  const { lines } = await scene.runInProcesses("words", [file], { tasks });
  expect(lines).toEqual((await scene.run("words", [file])).lines);
  expect(await Promise.all(second)).toMatchObject([{ status: 0 }]);
});
