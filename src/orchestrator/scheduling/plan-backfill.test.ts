import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { defineJob } from "../../core/job/job.ts";
import { JobPipeline } from "../../core/job/pipeline.ts";
import { parseWindow, type Window } from "../../core/schedule/window.ts";
import { createSqliteStore } from "../../store/sqlite/sqlite-store.ts";
import type { WindowRecord } from "../../store/submit/windows.ts";
import { planBackfill, toBackfillSubmission } from "./plan-backfill.ts";

const job = defineJob({ name: "load", execute: () => 1 });
const dayMs = 86_400_000;
const options = { params: { full: true }, tenant: "default", createdBy: "ada", parallelism: 2 };

function day(number: number): Window {
  return parseWindow(`2026-01-0${number}`, `2026-01-0${number + 1}`);
}

const nowMs = Date.UTC(2026, 5, 1);

function plan(range: Window, windows: readonly WindowRecord[] = [], at = nowMs) {
  return planBackfill({ name: "load", range, by: { kind: "step", stepMs: dayMs }, existing: { windows, nowMs: at } });
}

test("windows without a run are missing, those with one are left out", () => {
  const existing = [
    { window: day(2), state: "FINISHED" as const },
    { window: day(3), state: "unfinished" as const },
    { window: parseWindow("2026-01-01", "2026-01-03"), state: "FINISHED" as const },
  ];
  expect(plan(parseWindow("2026-01-01", "2026-01-05"), existing)).toEqual({
    name: "load",
    range: parseWindow("2026-01-01", "2026-01-05"),
    missing: [day(1), day(4)],
    finished: [day(2)],
    unfinished: [day(3)],
    otherParams: [],
    notEnded: [],
  });
});

test("windows that have not ended are told apart, also one that ends at this very moment, and none at all is refused", () => {
  const range = parseWindow("2026-01-01", "2026-01-05");
  expect(plan(range, [], Date.parse("2026-01-03T00:00:00Z"))).toMatchObject({
    missing: [day(1), day(2)],
    notEnded: [day(3), day(4)],
  });
  expect(plan(range, [], Date.parse("2026-01-02T23:59:59.999Z"))).toMatchObject({ missing: [day(1)] });
  expect(() => plan(range, [], Date.parse("2026-01-01T12:00:00Z"))).toThrowError(
    "expected the range to hold a window of `load` that has ended by `2026-01-01T12:00:00.000Z`",
  );
});

test("windows that were filled with other params are missing, and told apart", () => {
  const range = parseWindow("2026-01-01", "2026-01-03");
  const windows = [{ window: day(1), state: "other_params" as const }];
  expect(plan(range, windows)).toMatchObject({ missing: [day(1), day(2)], otherParams: [day(1)], finished: [] });
});

test("windows of a schedule go from fire to fire, through a change of clocks", () => {
  const by = { kind: "cron", cron: "0 0 * * *", timezone: "Europe/Berlin" } as const;
  const range = parseWindow("2026-03-27T12:00:00Z", "2026-03-30T12:00:00Z");
  expect(planBackfill({ name: "load", range, by, existing: { windows: [], nowMs } }).missing).toEqual([
    { from: "2026-03-27T23:00:00.000Z", to: "2026-03-28T23:00:00.000Z" },
    { from: "2026-03-28T23:00:00.000Z", to: "2026-03-29T22:00:00.000Z" },
  ]);
});

test("too many windows, none, nothing missing and a wrong parallelism are refused", () => {
  const years = parseWindow("1990-01-01", "2026-01-01");
  expect(() => plan(years)).toThrowError("expected a backfill of `load` to have at most `10000` windows");
  const by = { kind: "cron", cron: "0 0 1 * *", timezone: "UTC" } as const;
  expect(() => planBackfill({ name: "load", range: day(2), by, existing: { windows: [], nowMs } })).toThrowError(
    "holds no whole window of `load`",
  );
  const nothing = plan(day(1), [{ window: day(1), state: "FINISHED" }]);
  expect(() => toBackfillSubmission(job, nothing, options)).toThrowError("nothing is missing");
  expect(() => toBackfillSubmission(job, plan(day(1)), { ...options, parallelism: 0 })).toThrowError(
    "expected `parallelism` to be a positive integer, got: `0`",
  );
});

test("a backfill is one pipeline run with a run for each window, each waiting for the one two places before", () => {
  const { submission } = toBackfillSubmission(job, plan(parseWindow("2026-01-01", "2026-01-06")), options);
  expect(submission.runs.map((run) => [run.job, run.kind, run.parent, run.window?.from.slice(0, 10)])).toEqual([
    ["backfill:load", "pipeline", undefined, "2026-01-01"],
    ...[1, 2, 3, 4, 5].map((date) => ["load", "job", 0, `2026-01-0${date}`]),
  ]);
  expect(submission.edges.map(({ parent, child, onUpstreamFailure }) => [parent, child, onUpstreamFailure])).toEqual([
    [1, 3, "continue"],
    [2, 4, "continue"],
    [3, 5, "continue"],
  ]);
});

test("of a pipeline each window is a pipeline run of its own, whose first jobs wait", () => {
  const pipeline = new JobPipeline("daily")
    .addJob(job)
    .addJob(defineJob({ name: "report", execute: () => 1 }), { dependsOn: ["load"] });
  const { submission } = toBackfillSubmission(pipeline, plan(parseWindow("2026-01-01", "2026-01-03")), {
    ...options,
    parallelism: 1,
  });
  expect(submission.runs.map((run) => [run.job, run.parent])).toEqual([
    ["backfill:daily", undefined],
    ["daily", 0],
    ["load", 1],
    ["report", 1],
    ["daily", 0],
    ["load", 4],
    ["report", 4],
  ]);
  expect(submission.edges.map(({ parent, child }) => [parent, child])).toEqual([
    [2, 3],
    [5, 6],
    [1, 5],
  ]);
});

test("in a store never more windows are under way than asked for, failures stop no others, and what finished is not run again", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-backfill-"));
  try {
    await using store = await createSqliteStore({ path: join(folder, "store.db") });
    const range = parseWindow("2026-01-01", "2026-01-08");
    const { rootRunId } = await store.submit(
      toBackfillSubmission(job, plan(range), { ...options, parallelism: 3 }).submission,
    );
    const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
    const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
    const error = { code: "JOB_FAILED", message: "broke", disposition: "fail", origin: "user-code" } as const;
    let done = 0;
    for (let round = 0; round < 10; round += 1) {
      const runs = (await store.claim({ workerId, limit: 100 })).filter(({ kind }) => kind === "job");
      expect(runs.length).toBeLessThanOrEqual(3);
      await store.settle(
        runs.map(({ runId, epoch, window }) =>
          window?.from === day(2).from
            ? { runId, epoch, end: "failed", reason: "failed", error }
            : { runId, epoch, end: "finished", result: null },
        ),
      );
      done += runs.length;
    }
    expect(done).toBe(7);
    expect(await store.countChildren(rootRunId)).toMatchObject({ FINISHED: 6, ERROR: 1 });
    const { windows } = await store.listWindows({ job: "load", tenant: "default", params: options.params, range });
    expect(plan(range, windows).missing).toEqual([day(2)]);
    expect(await store.verify()).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("windows of a pipeline follow each other in a store, and the backfill ends with the last of them", async () => {
  const folder = await mkdtemp(join(tmpdir(), "millrace-backfill-"));
  try {
    await using store = await createSqliteStore({ path: join(folder, "store.db") });
    const pipeline = new JobPipeline("daily")
      .addJob(job)
      .addJob(defineJob({ name: "report", execute: () => 1 }), { dependsOn: ["load"] });
    const days = plan(parseWindow("2026-01-01", "2026-01-03"));
    const { rootRunId } = await store.submit(
      toBackfillSubmission(pipeline, days, { ...options, parallelism: 1 }).submission,
    );
    const process = { host: "h", bootId: "b", pid: 1, startTicks: "1" };
    const workerId = await store.registerWorker({ name: "w", ttlMs: 60_000, process });
    const order: string[] = [];
    for (let round = 0; round < 20; round += 1) {
      const runs = await store.claim({ workerId, limit: 100 });
      for (const { job: name, window } of runs) order.push(`${name} ${window?.from.slice(8, 10)}`);
      await store.settle(runs.map(({ runId, epoch }) => ({ runId, epoch, end: "finished", result: null })));
    }
    const oneDay = (date: string): string[] => [`load ${date}`, `report ${date}`, `daily ${date}`];
    expect(order).toEqual([...oneDay("01"), ...oneDay("02"), "backfill:daily 01"]);
    expect(await store.findRun(rootRunId)).toMatchObject({ state: "FINISHED" });
    expect(await store.verify()).toEqual([]);
  } finally {
    await rm(folder, { recursive: true });
  }
});
