// Finds what belongs to a node of a graph: all that it needs and all that needs it. It also finds the front where work
// goes on.
import type { RunState } from "../../../core/job/run-state.ts";
import type { GraphEdge } from "../../../core/graph/graph.ts";

export interface Related {
  /** All that it depends on, over any number of edges; without itself. */
  readonly upstream: ReadonlySet<string>;
  /** All that depends on it. */
  readonly downstream: ReadonlySet<string>;
}

/** Follows the edges from a node both ways. A cycle ends where it began. */
export function findRelated(edges: readonly GraphEdge[], id: string): Related {
  const before = new Map<string, string[]>();
  const after = new Map<string, string[]>();
  for (const { from, to } of edges) {
    append(before, to, from);
    append(after, from, to);
  }
  return { upstream: reach(before, id), downstream: reach(after, id) };
}

/** What to look at in a graph that runs: nodes that execute; without any, those that failed; without any, those that may start. */
export function findFront(
  nodes: readonly { readonly id: string; readonly state: RunState; readonly reason: string | null }[],
): string[] {
  const running = nodes.filter(({ state }) => state === "RUNNING");
  const failed = nodes.filter(({ state, reason }) => state === "ERROR" && reason !== "upstream_failed");
  const free = nodes.filter(({ state, reason }) => state === "PENDING" && reason !== "waiting_upstream");
  const front = [running, failed, free].find((list) => list.length > 0) ?? [];
  return front.map(({ id }) => id);
}

function append(map: Map<string, string[]>, key: string, value: string): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

function reach(links: ReadonlyMap<string, readonly string[]>, start: string): Set<string> {
  const found = new Set<string>();
  const open = [start];
  while (open.length > 0) {
    for (const next of links.get(open.pop() ?? "") ?? []) {
      if (next === start || found.has(next)) continue;
      found.add(next);
      open.push(next);
    }
  }
  return found;
}
