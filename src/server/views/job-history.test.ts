import { describe, expect, it } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import type { RecentRun } from "../../store/rows/recent-runs.ts";
import { createJobHistory, toPastDurations } from "./job-history.ts";

describe("toPastDurations", () => {
  it("takes nearest ranks of the runs that finished", () => {
    const runs = [...Array.from({ length: 20 }, (_, index) => runOf("a", (index + 1) * 10)), runOf("a", 1, "ERROR")];
    expect(toPastDurations(runs)).toEqual({ p50Ms: 100, p95Ms: 190 });
    expect(toPastDurations([runOf("a", 7)])).toEqual({ p50Ms: 7, p95Ms: 7 });
  });

  it("knows nothing without a finished run", () => {
    expect(toPastDurations([])).toBeUndefined();
    expect(toPastDurations([runOf("a", 5, "ERROR"), { ...runOf("a", 5), finishedAtMs: undefined }])).toBeUndefined();
  });
});

describe("createJobHistory", () => {
  it("asks once in five seconds, and only for jobs it does not know", async () => {
    const asked: (readonly string[])[] = [];
    let nowMs = 0;
    const store = {
      listRecentRuns: (jobs: readonly string[]) => {
        asked.push(jobs);
        return Promise.resolve(jobs.filter((job) => job !== "new").map((job) => runOf(job, 40)));
      },
    };
    const history = createJobHistory(store, () => nowMs);
    const of = await history.durationsOf(["a", "new", "a"]);
    expect([of("a"), of("new"), of("other")]).toEqual([{ p50Ms: 40, p95Ms: 40 }, undefined, undefined]);
    await history.durationsOf(["a", "b"]);
    nowMs = 4_999;
    await history.durationsOf(["a", "b", "new"]);
    nowMs = 5_000;
    await history.durationsOf(["a", "b"]);
    expect(asked).toEqual([["a", "new"], ["b"], ["a", "b"]]);
  });

  it("keeps no failure", async () => {
    let isUp = false;
    const history = createJobHistory({
      listRecentRuns: (jobs) =>
        isUp ? Promise.resolve(jobs.map((job) => runOf(job, 1))) : Promise.reject(new Error("away")),
    });
    await expect(history.durationsOf(["a"])).rejects.toThrow("away");
    isUp = true;
    expect((await history.durationsOf(["a"]))("a")).toEqual({ p50Ms: 1, p95Ms: 1 });
  });
});

function runOf(job: string, durationMs: number, state: RecentRun["state"] = "FINISHED"): RecentRun {
  const times = { createdAtMs: 0, startedAtMs: 1_000, finishedAtMs: 1_000 + durationMs };
  return { runId: 1 as RunId, job, state, ...times, records: undefined, reason: undefined };
}
