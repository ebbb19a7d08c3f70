import { describe, expect, it } from "vitest";
import type { RunId } from "../../../core/run-id.ts";
import type { RunGraphRecord } from "../../../store/rows/run-graph.ts";
import { toRunGraph } from "./to-run-graph.ts";

type GraphRun = RunGraphRecord["runs"][number];

describe("toRunGraph", () => {
  it("says since when a run could have started: the end of the last one it waited for", () => {
    const runs = [runOf(2, { finishedAtMs: 3_000 }), runOf(3, { finishedAtMs: 5_000 }), runOf(4)];
    const graph = toRunGraph({ runs, edges: [edge(2, 4), edge(3, 4)], truncated: false }, 9_000);
    expect(graph.nodes.map((node) => node.ready_at)).toEqual([at(1_000), at(1_000), at(5_000)]);
    expect(graph.edges).toEqual([
      { from: "r2", to: "r4" },
      { from: "r3", to: "r4" },
    ]);
  });

  it("does not know it while one of them is unfinished, unless the run was forced to start", () => {
    const started = { spans: [{ startedAtMs: 2_000, endedAtMs: undefined, end: undefined }] };
    const runs = [runOf(2), runOf(3), runOf(4, started)];
    const graph = toRunGraph({ runs, edges: [edge(2, 3), edge(2, 4)], truncated: false }, 9_000);
    expect(graph.nodes.map((node) => node.ready_at)).toEqual([at(1_000), null, at(2_000)]);
  });

  it("leaves out edges to runs that were cut off", () => {
    const graph = toRunGraph({ runs: [runOf(2)], edges: [edge(2, 9), edge(9, 2)], truncated: true }, 9_000);
    expect([graph.edges, graph.truncated]).toEqual([[], true]);
  });

  it("has the percent of runs that count", () => {
    const progress = { runId: 2 as RunId, done: 30, total: 40, operation: undefined, atMs: 4_000 };
    const runs = [runOf(2, { state: "RUNNING", startedAtMs: 2_000, progress }), runOf(3)];
    const graph = toRunGraph({ runs, edges: [], truncated: false }, 9_000);
    expect(graph.nodes.map((node) => node.percent)).toEqual([75, null]);
  });
});

function edge(from: number, to: number): { from: RunId; to: RunId } {
  return { from: from as RunId, to: to as RunId };
}

function at(ms: number): string {
  return new Date(ms).toISOString();
}

function runOf(id: number, overrides: Partial<GraphRun> = {}): GraphRun {
  return {
    id: id as RunId,
    job: `job_${id}`,
    kind: "job",
    parentRunId: 1 as RunId,
    rootRunId: 1 as RunId,
    state: "PENDING",
    reason: undefined,
    attempt: 0,
    epoch: 0,
    params: {},
    window: undefined,
    tenant: "default",
    createdBy: "test",
    createdAtMs: 1_000,
    startedAtMs: undefined,
    attemptStartedAtMs: undefined,
    finishedAtMs: undefined,
    runAtMs: undefined,
    result: undefined,
    error: undefined,
    progress: undefined,
    spans: [],
    ...overrides,
  };
}
