import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { MapCodeName } from "../../../../tests/support/mapreduce/map-codes.ts";
import { ProcessTasks } from "../../../../tests/support/mapreduce/process-tasks.ts";
import { readAnswer, writeJson } from "./executor-files.ts";
import {
  type ExecutorJob,
  type ExecutorTask,
  placesIn,
  protocolVersion,
  type TaskAnswer,
} from "./executor-protocol.ts";
import { transformStatement } from "./transform-statement.ts";

const round = "map-1";
let folder: string;
let tasks: ProcessTasks;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "millrace-executor-"));
  tasks = new ProcessTasks();
});
afterEach(async () => {
  await tasks[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Has the folder say what there is to do: one task of one file. */
async function prepare(code: MapCodeName, text: string, job: Partial<ExecutorJob> = {}): Promise<void> {
  const places = placesIn(folder);
  const path = join(folder, "a.log");
  const bad = { most: 0, isKept: false };
  await writeFile(path, text);
  await Promise.all(
    [places.attempts, places.answers(round), places.failures(round)].map(async (place) => await mkdir(place)),
  );
  await writeFile(places.lease, "1");
  writeJson(places.job, {
    version: protocolVersion,
    job: code,
    files: tasks.files,
    options: { parts: 2, tableBytes: 1_000_000, maxLineBytes: 1_000_000, bad, arePairs: false },
    leaseMs: 60_000,
    ...job,
  } satisfies ExecutorJob);
  const file = { path, name: "a.log", bytes: text.length };
  const split = { index: 0, file, start: 0, end: text.length };
  writeJson(places.tasks(round), [
    { stage: "map", task: 0, parts: [{ index: 0, split }] },
  ] satisfies readonly ExecutorTask[]);
}

test("a task ends with a line that names its answer, whatever the code prints", async () => {
  await prepare("prints", "ash x\nbirch x\nash x\n");
  const { status, output, errors } = await tasks.run(folder, round, "0\n");
  expect({ status, errors }).toMatchObject({ status: 0, errors: expect.stringContaining("more noise") });
  const trailer = JSON.parse(output) as { readonly answer: string };
  expect(trailer).toMatchObject({ eof: true, task: 0 });
  const answer = readAnswer<TaskAnswer>(placesIn(folder).answers(round), trailer.answer);
  expect(answer).toMatchObject({ stage: "map", results: [{ index: 0, mapped: { records: 3, emitted: 3, bad: 0 } }] });
});

test("without a task there is nothing to say", async () => {
  await prepare("words", "");
  expect(await tasks.run(folder, round, "")).toMatchObject({ status: 0, output: "" });
});

test.each<[string, MapCodeName, Partial<ExecutorJob>, number, string]>([
  ["the code throws", "throws", {}, 70, '"code":"MAP_FAILED"'],
  ["a record is no record", "lists", {}, 65, '"code":"RECORD_INVALID"'],
  ["there is no such task", "words", {}, 64, '"code":"INTERNAL"'],
  ["the runner is another one", "words", { files: { runner: "0", code: "" } }, 75, '"code":"CHECKSUM_MISMATCH"'],
  ["the other side is of another version", "words", { version: 0 }, 64, "expected version 1 of the protocol, got: `0`"],
])("when %s, the code of the end and the last line say so", async (_what, code, job, status, reason) => {
  await prepare(code, "bad 1\n", job);
  const end = await tasks.run(folder, round, reason.includes("INTERNAL") ? "7\n" : "0\n");
  expect(end.status).toBe(status);
  expect(end.output).toBe("");
  expect(end.errors.trimEnd().split("\n").at(-1)).toContain(reason);
});

test("an executor that does not see the folder says so", async () => {
  const end = await tasks.run(join(folder, "elsewhere"), round, "0\n");
  expect(end).toMatchObject({ status: 66, errors: expect.stringContaining("this executor cannot read") });
  expect((await tasks.run("relative", round, "0\n")).status).toBe(64);
});

test("a process that nobody waits for ends, although it computes without a pause", async () => {
  await prepare("endless", "ash\n", { leaseMs: 600 });
  const places = placesIn(folder);
  const { output } = await tasks.run(folder, round, "0\n");
  const answer = readAnswer<TaskAnswer>(places.answers(round), (JSON.parse(output) as { answer: string }).answer);
  if (answer?.stage !== "map") throw new Error("expected the answer of a task of `map`");
  writeJson(places.runs, { runs: answer.results.flatMap(({ mapped }) => mapped.runs) });
  await Promise.all([places.answers("reduce-1"), places.failures("reduce-1")].map(async (at) => await mkdir(at)));
  writeJson(places.tasks("reduce-1"), [
    { stage: "reduce", task: 0 },
    { stage: "reduce", task: 1 },
  ] satisfies readonly ExecutorTask[]);
  const end = await tasks.run(folder, "reduce-1", "0\n1\n");
  expect(end).toMatchObject({ status: "SIGKILL", errors: expect.stringContaining("nobody has waited for the job") });
});

test("the statement has no text that a shell or a literal reads in another way", () => {
  const sql = transformStatement({
    serverSessionId: "11111111-2222-3333-4444-555555555555",
    runner: "abc",
    folder: "/shared/it's $(here)",
    round: "map-1",
    tasks: 3,
  });
  expect(sql).toBe(
    "select transform(id) using 'for file in ./11111111-2222-3333-4444-555555555555/abc.mjs ./abc.mjs; " +
      'do if [ -f "$file" ]; then exec node --disable-warning=ExperimentalWarning "$file" ' +
      `${Buffer.from("/shared/it's $(here)").toString("base64url")} map-1; fi; done; ` +
      "echo millrace: the code is not on this executor >&2; exit 64' as (line string) from range(0, 3, 1, 3)",
  );
});
