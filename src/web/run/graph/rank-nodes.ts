// First step of the layout: in which layer each node stands, and which long edges bend on their way through the layers.

/** A graph by index, without loops, doubles and edges to nodes that are not there. */
export interface IndexedGraph {
  readonly nodeCount: number;
  readonly successors: readonly (readonly number[])[];
  readonly predecessors: readonly (readonly number[])[];
}

export interface RankedGraph {
  readonly nodeCount: number;
  /** By index of node and bend. */
  readonly ranks: readonly number[];
  readonly rankCount: number;
  /** Each edge as the indexes it runs through: from, bends, to. */
  readonly chains: readonly (readonly number[])[];
}

/** More bends than this, and edges run straight: a graph so dense is not read by its edges. */
const maxBends = 8_000;

/** Each node stands one layer after the last of its dependencies; one without any, just before the first that needs it. */
export function rankNodes(graph: IndexedGraph): RankedGraph {
  const { ranks, kept } = rankByLongestPath(graph);
  pullRootsToTheirDependants(graph, ranks);
  const chains = bendLongEdges(kept, ranks);
  const rankCount = ranks.reduce((most, rank) => Math.max(most, rank + 1), 0);
  return { nodeCount: graph.nodeCount, ranks, rankCount, chains };
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

// Appends a rank for each bend, so that bends are ordered and placed like nodes.
function bendLongEdges(edges: readonly (readonly [from: number, to: number])[], ranks: number[]): number[][] {
  let bends = 0;
  return edges.map(([from, to]) => {
    const chain = [from];
    const last = ranks[to] ?? 0;
    const length = last - (ranks[from] ?? 0) - 1;
    if (length > 0 && bends + length <= maxBends) {
      bends += length;
      for (let rank = last - length; rank < last; rank++) chain.push(ranks.push(rank) - 1);
    }
    chain.push(to);
    return chain;
  });
}
