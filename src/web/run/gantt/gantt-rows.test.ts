import { expect, test } from "vitest";
import type { RunGraphNode } from "../../../api/run.ts";
import { buildGanttChart, findCriticalPath, listBars } from "./gantt-rows.ts";

const beginMs = Date.UTC(2026, 10, 21, 6);

function at(seconds: number): string {
  return new Date(beginMs + seconds * 1_000).toISOString();
}

function node(id: string, spans: [from: number, to: number | null][], over: Partial<RunGraphNode> = {}): RunGraphNode {
  return {
    run_id: id,
    job_name: id,
    state: "FINISHED",
    reason: null,
    attempt: spans.length,
    created_at: at(0),
    ready_at: at(0),
    spans: spans.map(([from, to]) => ({
      started_at: at(from),
      ended_at: to === null ? null : at(to),
      end: to === null ? null : "finished",
    })),
    percent: null,
    ...over,
  };
}

test("a run that waits, fails and is tried again has a bar for each", () => {
  const bars = listBars(
    node("r1", [
      [5, 10],
      [40, 60],
    ]),
    beginMs + 100_000,
  );
  expect(bars.map(({ kind, attempt, fromMs, toMs }) => [kind, attempt, (toMs - fromMs) / 1_000])).toEqual([
    ["queue", 1, 5],
    ["run", 1, 5],
    ["retry", 2, 30],
    ["run", 2, 20],
  ]);
});

test("what executes ends now, and what waits waits until now", () => {
  const nowMs = beginMs + 30_000;
  expect(listBars(node("r1", [[10, null]], { state: "RUNNING" }), nowMs).at(-1)).toMatchObject({
    kind: "run",
    toMs: nowMs,
    isOpen: true,
  });
  expect(listBars(node("r2", [[10, 20]], { state: "PENDING", reason: "waiting_retry" }), nowMs).at(-1)).toMatchObject({
    kind: "retry",
    toMs: nowMs,
    isOpen: true,
  });
});

test("a run that is held up by its dependencies has no bar", () => {
  const waiting = node("r1", [], { state: "PENDING", reason: "waiting_upstream", ready_at: null });
  expect(listBars(waiting, beginMs + 1_000)).toEqual([]);
});

test("the critical path goes back from the last end by the dependency that ended last", () => {
  const nodes = [
    node("load", [[0, 10]]),
    node("slow", [[10, 90]]),
    node("fast", [[10, 20]]),
    node("report", [[90, 95]]),
  ];
  const edges = [
    { from: "load", to: "slow" },
    { from: "load", to: "fast" },
    { from: "slow", to: "report" },
    { from: "fast", to: "report" },
  ];
  expect([...findCriticalPath(nodes, edges, beginMs + 95_000)]).toEqual(["report", "slow", "load"]);
});

test("rows come in order of their first bar, and those without any last", () => {
  const late = node("late", [[50, 60]], { ready_at: at(40) });
  const never = node("never", [], { state: "PENDING", ready_at: null });
  const chart = buildGanttChart([never, late, node("early", [[0, 5]])], [], beginMs + 60_000);
  expect(chart.rows.map((row) => row.node.run_id)).toEqual(["early", "late", "never"]);
  expect(chart.range).toEqual({ fromMs: beginMs, toMs: beginMs + 60_000 });
});
