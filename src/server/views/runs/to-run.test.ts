import { describe, expect, it } from "vitest";
import type { RunId } from "../../../core/run-id.ts";
import type { RunSummary } from "../../../store/rows/run-records.ts";
import { durationOf, toProgress, toRun } from "./to-run.ts";

describe("toRun", () => {
  it("has ids as text, instants in UTC and null where there is nothing", () => {
    expect(toRun(summary, { nowMs: 0 })).toEqual({
      run_id: "r7",
      job_name: "etl",
      kind: "job",
      parent_run_id: null,
      root_run_id: "r7",
      state: "RUNNING",
      reason: null,
      attempt: 2,
      params: { ["__proto__"]: 1 },
      window: null,
      tenant: "default",
      created_by: "<b>ada</b>",
      created_at: "1970-01-01T00:00:01.000Z",
      started_at: "1970-01-01T00:00:10.000Z",
      finished_at: null,
      due_at: null,
      duration_ms: null,
      late_since: null,
      progress: null,
      error: null,
      written: null,
    });
  });

  it("says what the result states about written rows, and nothing of other results", () => {
    const writtenOf = (result: RunSummary["result"]) => toRun({ ...summary, result }, { nowMs: 0 }).written;
    expect(writtenOf({ rows: 3, changed: false, quarantined: 1, dataset: "d" })).toEqual({
      rows: 3,
      changed: false,
      quarantined: 1,
    });
    expect(writtenOf({ rows: 3 })).toEqual({ rows: 3, changed: null, quarantined: null });
    for (const result of [undefined, null, "rows", [3], {}, { rows: "3" }]) expect(writtenOf(result)).toBeNull();
  });

  it("gives an error its fingerprint, the same for errors that differ in numbers only", () => {
    const errorOf = (row: number) =>
      toRun(
        {
          ...summary,
          error: { code: "JOB_FAILED", message: `row ${row} is bad`, disposition: "fail", origin: "user-code" },
        },
        { nowMs: 0 },
      ).error;
    expect(errorOf(1)).toMatchObject({ code: "JOB_FAILED", hint: null, error_class: null, causes: [] });
    expect(errorOf(1)?.fingerprint).toBe(errorOf(99)?.fingerprint);
  });
});

describe("toProgress", () => {
  const progress = { runId: 7 as RunId, done: 50, total: 100, operation: "loading", atMs: 20_000 };

  it("estimates from the pace of the attempt", () => {
    const shown = toProgress({ ...summary, progress }, { nowMs: 20_000 });
    expect(shown).toMatchObject({ percent: 50, operation: "loading", done: 50, total: 100, rate: 5 });
    expect(shown?.eta?.p50).toBe("1970-01-01T00:00:30.000Z");
  });

  it("takes no pace from what an attempt before reported", () => {
    const shown = toProgress({ ...summary, progress: { ...progress, atMs: 9_000 } }, { nowMs: 20_000 });
    expect(shown).toMatchObject({ percent: 50, rate: null, eta: null });
  });

  it("goes by earlier runs of the job where nothing was reported", () => {
    const shown = toProgress(summary, { nowMs: 20_000, pastOf: () => ({ p50Ms: 30_000, p95Ms: 60_000 }) });
    expect(shown).toMatchObject({ percent: null, done: null, eta: { p50: "1970-01-01T00:00:45.000Z" } });
  });

  it("promises nothing of a run that does not execute", () => {
    const waiting = { ...summary, state: "PENDING" as const, progress };
    expect(toProgress(waiting, { nowMs: 20_000, pastOf: () => ({ p50Ms: 1, p95Ms: 2 }) })).toMatchObject({
      rate: null,
      eta: null,
    });
    expect(toProgress({ ...summary, state: "ERROR" }, { nowMs: 20_000 })).toBeNull();
  });

  it("gives no instant that a date cannot hold", () => {
    const slow = { ...progress, done: 1e-12, total: 1e15 };
    expect(toProgress({ ...summary, progress: slow }, { nowMs: 20_000 })?.eta).toBeNull();
  });
});

describe("durationOf", () => {
  it("is never negative, and nothing before the end", () => {
    expect(durationOf({ startedAtMs: 5, finishedAtMs: 3 })).toBe(0);
    expect(durationOf({ startedAtMs: 5, finishedAtMs: undefined })).toBeUndefined();
  });
});

const summary: RunSummary = {
  id: 7 as RunId,
  job: "etl",
  kind: "job",
  parentRunId: undefined,
  rootRunId: 7 as RunId,
  state: "RUNNING",
  reason: undefined,
  attempt: 2,
  epoch: 2,
  params: { ["__proto__"]: 1 },
  window: undefined,
  tenant: "default",
  createdBy: "<b>ada</b>",
  createdAtMs: 1_000,
  startedAtMs: 10_000,
  attemptStartedAtMs: undefined,
  finishedAtMs: undefined,
  runAtMs: undefined,
  result: undefined,
  error: undefined,
  progress: undefined,
};
