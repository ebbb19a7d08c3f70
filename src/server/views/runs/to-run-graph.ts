// The runs of a pipeline run as a graph and as bars over time, on their way to the wire.
import type { RunGraph, RunGraphNode } from "../../../api/run.ts";
import { formatRunId, type RunId } from "../../../core/run-id.ts";
import type { RunGraphRecord } from "../../../store/rows/run-graph.ts";
import { toInstant, toInstantOrNull } from "../to-instant.ts";
import { toProgress } from "./to-run.ts";

type GraphRun = RunGraphRecord["runs"][number];

/** Nodes in the order of the record. */
export function toRunGraph({ runs, edges, truncated }: RunGraphRecord, nowMs: number): RunGraph {
  const byId = new Map(runs.map((run) => [run.id, run]));
  const upstreamOf = Map.groupBy(edges, ({ to }) => to);
  return {
    nodes: runs.map((run) => toNode(run, upstreamOf.get(run.id)?.map(({ from }) => byId.get(from)) ?? [], nowMs)),
    // What was cut off has no edges either.
    edges: edges.flatMap(({ from, to }) => (byId.has(from) && byId.has(to) ? [toEdge(from, to)] : [])),
    truncated,
  };
}

function toEdge(from: RunId, to: RunId): RunGraph["edges"][number] {
  return { from: formatRunId(from), to: formatRunId(to) };
}

function toNode(run: GraphRun, upstream: readonly (GraphRun | undefined)[], nowMs: number): RunGraphNode {
  return {
    run_id: formatRunId(run.id),
    job_name: run.job,
    state: run.state,
    reason: run.reason ?? null,
    attempt: run.attempt,
    created_at: toInstant(run.createdAtMs),
    ready_at: toInstantOrNull(findReadyAtMs(run, upstream)),
    spans: run.spans.map(({ startedAtMs, endedAtMs, end }) => ({
      started_at: toInstant(startedAtMs),
      ended_at: toInstantOrNull(endedAtMs),
      end: end ?? null,
    })),
    percent: toProgress(run, { nowMs })?.percent ?? null,
  };
}

// A run that was started by force did not wait for the others.
function findReadyAtMs(run: GraphRun, upstream: readonly (GraphRun | undefined)[]): number | undefined {
  const startedAtMs = run.spans[0]?.startedAtMs;
  let readyAtMs = run.createdAtMs;
  for (const other of upstream) {
    if (other === undefined) continue;
    if (other.finishedAtMs === undefined) return startedAtMs;
    readyAtMs = Math.max(readyAtMs, other.finishedAtMs);
  }
  return startedAtMs === undefined ? readyAtMs : Math.min(readyAtMs, startedAtMs);
}
