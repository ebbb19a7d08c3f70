// Map and reduce in processes that share a bucket with this one, on a server with its behaviour, which checks what is signed.
import { mkdir, mkdtemp, readdir, utimes } from "node:fs/promises";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { expectFailure } from "../../../../tests/support/expect-failure.ts";
import { lendPlaces } from "../../../../tests/support/files/lent-places.ts";
import { MapScene, type ProcessSceneOptions } from "../../../../tests/support/mapreduce/map-scene.ts";
import { ProcessTasks } from "../../../../tests/support/mapreduce/process-tasks.ts";
import type { MapRow } from "../../../core/mapreduce/map-reduce.ts";
import { MillraceError } from "../../../core/errors/errors.ts";
import { shareThroughBucket } from "./bucket-tasks.ts";

const places = lendPlaces();
const words = Array.from({ length: 400 }, (_, n) => `word${(n * 37) % 90} ${n}`).join("\n");
const rows = Array.from({ length: 300 }, (_, n) => ({ key: `k${n % 7}`, value: n }));

/** What processes of this test find beside the bucket: nothing, since the folder is another one there. */
function throughBucket(more: ProcessSceneOptions = {}): ProcessSceneOptions {
  const place = { connection: "lake", key: "shared", address: "s3a://lake/shared" };
  const { signal = new AbortController().signal } = more;
  return {
    splitBytes: 2_000,
    ...more,
    share: async (starter, folder) =>
      await shareThroughBucket(starter, { place, folder, run: "7", nowMs: Date.UTC(2026, 0, 2), signal }),
  };
}

test.each([
  ["words", { "a.log": words, "b.log.gz": gzipSync(words), "d.log": "" }],
  ["columns", { "a.csv": `n,city\n${rows.map(({ key, value }) => `${value},"${key}"`).join("\n")}\n` }],
] as const)("rows of `%s` through a bucket are those of threads, and nothing is left there", async (code, contents) => {
  await using scene = await MapScene.create();
  const files = await Promise.all(Object.entries(contents).map(async ([name, text]) => await scene.file(name, text)));
  const here = await scene.run(code, files, { splitBytes: 2_000 });
  const tasks = new ProcessTasks();
  tasks.temporary = await mkdtemp(join(scene.root, "temporary-"));
  // of a process that was killed days ago
  const forgotten = join(tasks.temporary, "millrace-task-of-before");
  await mkdir(forgotten);
  await utimes(forgotten, 0, 0);
  const options = throughBucket({ tasks });
  const there = await scene.runInProcesses(code, files, options);
  expect(JSON.stringify(there.lines) === JSON.stringify(here.lines)).toBe(true);
  const { records, emitted, keys, bad } = here;
  expect(there).toMatchObject({ records, emitted, keys, bad, rows: here.rows, lostAttempts: 0 });
  expect([...places.lake.objects.keys()]).toEqual([]);
  expect(await readdir(tasks.temporary)).toEqual([]);
  // Spark's screens show what processes are told, so that is no key
  const told = tasks.rounds.map(({ address }) => address ?? "");
  expect(told.every((address) => address.startsWith(`${places.lake.endpoint}/lake/shared/map-reduce-7-`))).toBe(true);
  expect(told.join(" ")).not.toContain(places.lake.connection.s3.secretAccessKey);
});

test("rows of an engine go through a bucket as they are", async () => {
  async function* engine(): AsyncGenerator<MapRow[]> {
    await Promise.resolve();
    yield [{ n: 9_007_199_254_740_993n }, { n: Number.NaN }, { n: Uint8Array.of(1, 2) }];
  }
  await using scene = await MapScene.create();
  const { lines } = await scene.runInProcesses("kinds", { rows: engine(), name: "orders" }, throughBucket());
  expect(lines).toEqual((await scene.run("kinds", { rows: engine(), name: "orders" })).lines);
});

test("what `map` throws on is told by its line, although a process reads a range of the file", async () => {
  await using scene = await MapScene.create();
  const file = await scene.file("a.log", `${"ok 1\n".repeat(900)}bad 4\nok 5\n`);
  const { code, message, details } = await expectFailure(scene.run("throws", [file]));
  expect(message).toContain("line 901 of `a.log`");
  const failing = scene.runInProcesses("throws", [file], throughBucket());
  expect(await expectFailure(failing)).toMatchObject({ code, message, details });
  expect([...places.lake.objects.keys()]).toEqual([]);
});

test("of two attempts at once one counts, and what earlier attempts of the run have left is taken away", async () => {
  await using scene = await MapScene.create();
  const file = await scene.file("a.log", words);
  places.lake.put("shared/map-reduce-7-of-a-worker-that-died/lease", "1");
  places.lake.put("shared/map-reduce-8-another/lease", "1");
  const tasks = new ProcessTasks();
  const second: Promise<unknown>[] = [];
  tasks.onStart = () => {
    const { address = "", round } = tasks.rounds.at(-1) ?? { round: "" };
    if (second.length === 0) second.push(Promise.resolve().then(() => tasks.run(address, round, "0\n")));
  };
  const { lines, lostAttempts } = await scene.runInProcesses("words", [file], throughBucket({ tasks }));
  expect(await Promise.all(second)).toMatchObject([{ status: 0 }]);
  expect({ lines, lostAttempts }).toEqual({ lines: (await scene.run("words", [file])).lines, lostAttempts: 0 });
  expect([...places.lake.objects.keys()]).toEqual(["shared/map-reduce-8-another/lease"]);
});

test("a process that dies costs an attempt, and what passes by itself costs none", async () => {
  await using scene = await MapScene.create();
  const files = [
    await scene.file("a.log", "ash 1\n".repeat(10)),
    await scene.file("b.log", `die ${join(scene.root, "mark")}\n`),
  ];
  let troubles = 0;
  places.lake.trouble = ({ key, method }) => {
    const isOfProcess = /\/(?:input|answers)\//.test(key) && method !== "HEAD";
    return isOfProcess && troubles++ % 3 === 0 ? { status: 503, code: "SlowDown" } : undefined;
  };
  const options = throughBucket({ splitBytes: 64 });
  expect(await scene.runInProcesses("dies", files, options)).toMatchObject({ rows: 2, lostAttempts: 1 });
  expect(troubles).toBeGreaterThan(3);
});

test("executors that do not reach the bucket are told so", async () => {
  await using scene = await MapScene.create();
  const file = await scene.file("a.log", words);
  const tasks = new ProcessTasks();
  tasks.toFolder = (address) => address.replace(/:\d+/, ":9");
  const failing = scene.runInProcesses("words", [file], throughBucket({ tasks }));
  expect(await expectFailure(failing)).toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringMatching(/^executors of Spark cannot read `s3a:\/\/lake\/shared\/map-reduce-7-/),
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
  const running = scene.runInProcesses("endless", [file], throughBucket({ tasks, signal: control.signal }));
  expect(await expectFailure(running)).toMatchObject({ code: "JOB_TIMED_OUT" });
  expect(tasks.running.size).toBe(0);
  expect([...places.lake.objects.keys()]).toEqual([]);
});
