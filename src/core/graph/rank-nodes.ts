// First step of the layout: in which layer each node stands, and which long edges bend on their way through the layers.
import type { IndexedGraph } from "./graph.ts";

export interface RankedGraph {
  readonly nodeCount: number;
  /** By index of node and bend. */
  readonly ranks: readonly number[];
  readonly rankCount: number;
  /** Each edge as the indexes it runs through: from, bends, to. Edges of one node share their bends as far as they go. */
  readonly chains: readonly (readonly number[])[];
  /** Each step from a layer to the next one, once, whatever the number of edges that take it. */
  readonly steps: readonly (readonly [from: number, to: number])[];
}

/**
 * Each node stands one layer after the last of its dependencies; one without any, just before the first that needs it.
 *
 * @param maxBends an edge that would need more than are left runs straight
 */
export function rankNodes(graph: IndexedGraph, maxBends: number): RankedGraph {
  const { ranks, kept } = rankByLongestPath(graph);
  pullRootsToTheirDependants(graph, ranks);
  const { chains, steps } = bendLongEdges(kept, ranks, maxBends);
  const rankCount = ranks.reduce((most, rank) => Math.max(most, rank + 1), 0);
  return { nodeCount: graph.nodeCount, ranks, rankCount, chains, steps };
}

// Kahn's order. Nodes on a cycle never become free: the one with the lowest index is freed, and edges back are dropped.
function rankByLongestPath(graph: IndexedGraph): { ranks: number[]; kept: [from: number, to: number][] } {
  const ranks = Array.from({ length: graph.nodeCount }, () => 0);
  const unranked = graph.predecessors.map((list) => list.length);
  const done = new Uint8Array(graph.nodeCount);
  const kept: [number, number][] = [];
  const free: number[] = [];
  let next = 0;
  let candidate = 0;
  for (let index = 0; index < graph.nodeCount; index++) if (unranked[index] === 0) free.push(index);
  for (let count = 0; count < graph.nodeCount; count++) {
    if (next === free.length) {
      while (done[candidate] === 1) candidate++;
      free.push(candidate);
    }
    const node = free[next++] ?? 0;
    done[node] = 1;
    for (const successor of graph.successors[node] ?? []) {
      if (done[successor] === 1) continue;
      kept.push([node, successor]);
      ranks[successor] = Math.max(ranks[successor] ?? 0, (ranks[node] ?? 0) + 1);
      const left = (unranked[successor] ?? 0) - 1;
      unranked[successor] = left;
      if (left === 0) free.push(successor);
    }
  }
  return { ranks, kept };
}

function pullRootsToTheirDependants(graph: IndexedGraph, ranks: number[]): void {
  for (let node = 0; node < graph.nodeCount; node++) {
    const successors = graph.successors[node] ?? [];
    if ((graph.predecessors[node] ?? []).length > 0 || successors.length === 0) continue;
    const first = successors.reduce((least, successor) => Math.min(least, ranks[successor] ?? 0), Infinity);
    ranks[node] = Math.max(0, first - 1);
  }
}

// Appends a rank for each bend, so that bends are ordered and placed like nodes. The bends of a node are a trunk that
// begins one layer after it and grows with its longest edge.
function bendLongEdges(
  edges: readonly (readonly [from: number, to: number])[],
  ranks: number[],
  maxBends: number,
): Pick<RankedGraph, "chains" | "steps"> {
  const trunks = new Map<number, number[]>();
  const steps: [number, number][] = [];
  let bendsLeft = maxBends;
  const chains = edges.map(([from, to]) => {
    const first = (ranks[from] ?? 0) + 1;
    const length = (ranks[to] ?? 0) - first;
    const trunk = trunks.get(from) ?? [];
    if (length - trunk.length > bendsLeft) return [from, to];
    trunks.set(from, trunk);
    while (trunk.length < length) {
      const bend = ranks.push(first + trunk.length) - 1;
      steps.push([trunk.at(-1) ?? from, bend]);
      trunk.push(bend);
      bendsLeft--;
    }
    const bends = trunk.slice(0, length);
    steps.push([bends.at(-1) ?? from, to]);
    return [from, ...bends, to];
  });
  return { chains, steps };
}
