import { expect, test } from "vitest";
import type { RunId } from "../../core/run-id.ts";
import { decideReplicas, maxCrashes, type ReplicaRun, type ReplicaSight } from "./decide-replicas.ts";

const two = { min: 2, max: 2, lagPerReplica: undefined };
const elastic = { min: 1, max: 5, lagPerReplica: 100 };

function sight(more: Partial<ReplicaSight>): ReplicaSight {
  return { replicas: two, partitions: 4, lag: 0, runs: [], nowMs: 1_000_000, ...more };
}

function run(replica: number, more: Partial<ReplicaRun> = {}): ReplicaRun {
  return {
    runId: 1 as RunId,
    replica,
    state: "RUNNING",
    reason: undefined,
    finishedAtMs: undefined,
    hasProgress: true,
    ...more,
  };
}

function failed(replica: number, more: Partial<ReplicaRun> = {}): ReplicaRun {
  return run(replica, { state: "ERROR", reason: "failed", finishedAtMs: 999_000, hasProgress: false, ...more });
}

test("what is missing is started, and what is there in any state is left alone", () => {
  expect(decideReplicas(sight({}))).toEqual({ start: [0, 1], crashed: [] });
  expect(decideReplicas(sight({ runs: [run(1, { state: "PAUSED" }), run(0, { state: "PENDING" })] })).start).toEqual(
    [],
  );
});

test("there is one for so many records that wait, between the least and the most, and never more than partitions", () => {
  const started = (lag: number, partitions = 4) =>
    decideReplicas(sight({ replicas: elastic, partitions, lag })).start.length;
  expect([0, 1, 100, 101, 250, 1_000_000].map((lag) => started(lag))).toEqual([1, 1, 1, 2, 3, 4]);
  expect(started(1_000_000, 9)).toBe(5);
});

test("one that a person stopped stays stopped until a newer run of it is there", () => {
  const stopped = failed(0, { reason: "stopped" });
  expect(decideReplicas(sight({ runs: [stopped, failed(0), run(1)] })).start).toEqual([]);
  const later = failed(0, { finishedAtMs: 1_000, hasProgress: true });
  expect(decideReplicas(sight({ runs: [later, stopped, run(1)] })).start).toEqual([0]);
});

test("restarts wait longer with each failure in a row, and one that got on waits as the first does", () => {
  const rests = [1, 2, 3, 4].map((failures) => {
    const runs = [...Array.from({ length: failures }, () => failed(0)), run(1)];
    return [999, 1_000, 1_999, 2_000, 3_999, 4_000, 7_999, 8_000].find(
      (waitedMs) => decideReplicas(sight({ runs, nowMs: 999_000 + waitedMs })).start.length > 0,
    );
  });
  expect(rests).toEqual([1_000, 2_000, 4_000, 8_000]);
  const runs = [failed(0, { hasProgress: true }), ...Array.from({ length: 30 }, () => failed(0)), run(1)];
  expect(decideReplicas(sight({ runs, nowMs: 1_000_000 })).start).toEqual([0]);
});

test("after so many failures in a row without a record it is not started again, and is told", () => {
  const runs = [...Array.from({ length: maxCrashes }, () => failed(0, { runId: 7 as RunId })), run(1)];
  const plan = decideReplicas(sight({ runs, nowMs: 9e12 }));
  expect(plan).toEqual({ start: [], crashed: [{ replica: 0, runId: 7, failures: maxCrashes }] });
});
