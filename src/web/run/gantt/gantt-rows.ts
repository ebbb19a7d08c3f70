// Rows of the Gantt chart: each run as bars for what it did when, and the chain of runs that made the whole take as long as it did.
import type { RunGraphNode } from "../../../api/run.ts";
import type { Interval } from "./compress-idle.ts";
import type { GraphEdge } from "../../../core/graph/graph.ts";

export interface GanttBar extends Interval {
  /** `queue`: could start and did not · `run`: an attempt · `retry`: between two attempts. */
  readonly kind: "queue" | "run" | "retry";
  /** Number of the attempt, from 1 on; for a wait that of the coming one. */
  readonly attempt: number;
  /** Goes on: its end is now. */
  readonly isOpen: boolean;
  /** How the attempt ended. */
  readonly end: string | null;
}

export interface GanttRow {
  readonly node: RunGraphNode;
  readonly bars: readonly GanttBar[];
  /** It belongs to the chain that the end of the whole waited for. */
  readonly isCritical: boolean;
}

export interface GanttChart {
  /** In order of their first bar; those without any come last. */
  readonly rows: readonly GanttRow[];
  /** From the first bar to the last. */
  readonly range: Interval;
  /** Where something executed. */
  readonly busy: readonly Interval[];
}

/** What is not over ends at `nowMs`, by the clock of the server. */
export function buildGanttChart(
  nodes: readonly RunGraphNode[],
  edges: readonly GraphEdge[],
  nowMs: number,
): GanttChart {
  const critical = findCriticalPath(nodes, edges, nowMs);
  const rows = nodes
    .map((node) => ({ node, bars: listBars(node, nowMs), isCritical: critical.has(node.run_id) }))
    .toSorted((a, b) => (a.bars[0]?.fromMs ?? Infinity) - (b.bars[0]?.fromMs ?? Infinity) || 0);
  const bars = rows.flatMap((row) => row.bars);
  return { rows, range: spanOf(bars, nowMs), busy: bars.filter(({ kind }) => kind === "run") };
}

/** Bars of one run, oldest first, without gaps from when it could have started. */
export function listBars(node: RunGraphNode, nowMs: number): GanttBar[] {
  const bars: GanttBar[] = [];
  const isWaiting = node.state === "PENDING" || node.state === "PAUSED";
  let waitsFromMs = node.ready_at === null ? undefined : Date.parse(node.ready_at);
  node.spans.forEach((span, index) => {
    const attempt = index + 1;
    const fromMs = Date.parse(span.started_at);
    const toMs = span.ended_at === null ? Math.max(nowMs, fromMs) : Date.parse(span.ended_at);
    if (waitsFromMs !== undefined && waitsFromMs < fromMs) bars.push(waitBar(waitsFromMs, fromMs, attempt, false));
    bars.push({ kind: "run", attempt, fromMs, toMs, isOpen: span.ended_at === null, end: span.end });
    waitsFromMs = toMs;
  });
  if (isWaiting && waitsFromMs !== undefined && waitsFromMs < nowMs) {
    bars.push(waitBar(waitsFromMs, nowMs, node.spans.length + 1, true));
  }
  return bars;
}

/**
 * Run ids of the chain that made the whole last: from the run that ended last back to the dependency it had waited for
 * longest, and so on. While the run goes on, from what executes for the longest time.
 */
export function findCriticalPath(
  nodes: readonly RunGraphNode[],
  edges: readonly GraphEdge[],
  nowMs: number,
): ReadonlySet<string> {
  const byId = new Map(nodes.map((node) => [node.run_id, node]));
  const before = new Map<string, string[]>();
  for (const { from, to } of edges) before.set(to, [...(before.get(to) ?? []), from]);
  const path = new Set<string>();
  let current = pickLast(nodes, nowMs);
  while (current !== undefined && !path.has(current.run_id)) {
    path.add(current.run_id);
    const upstream = (before.get(current.run_id) ?? []).flatMap((id) => byId.get(id) ?? []);
    current = pickLast(upstream, nowMs);
  }
  return path;
}

function pickLast(nodes: readonly RunGraphNode[], nowMs: number): RunGraphNode | undefined {
  let last: { node: RunGraphNode; endMs: number; startMs: number } | undefined;
  for (const node of nodes) {
    const [first] = node.spans;
    const final = node.spans.at(-1);
    if (first === undefined || final === undefined) continue;
    const startMs = Date.parse(first.started_at);
    const endMs = final.ended_at === null ? nowMs : Date.parse(final.ended_at);
    const isLater = last === undefined || endMs > last.endMs || (endMs === last.endMs && startMs < last.startMs);
    if (isLater) last = { node, endMs, startMs };
  }
  return last?.node;
}

function waitBar(fromMs: number, toMs: number, attempt: number, isOpen: boolean): GanttBar {
  return { kind: attempt === 1 ? "queue" : "retry", attempt, fromMs, toMs, isOpen, end: null };
}

function spanOf(bars: readonly GanttBar[], nowMs: number): Interval {
  let fromMs = Infinity;
  let toMs = -Infinity;
  for (const bar of bars) {
    fromMs = Math.min(fromMs, bar.fromMs);
    toMs = Math.max(toMs, bar.toMs);
  }
  return fromMs === Infinity ? { fromMs: nowMs, toMs: nowMs } : { fromMs, toMs };
}
