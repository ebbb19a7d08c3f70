// A graph of jobs or datasets as the steps of its layout read it: nodes by index, edges cleaned.

export interface GraphEdge {
  /** What is needed. */
  readonly from: string;
  /** What needs it. */
  readonly to: string;
}

/** A graph by index, without loops, doubles and edges to nodes that are not there. */
export interface IndexedGraph {
  readonly nodeCount: number;
  readonly successors: readonly (readonly number[])[];
  readonly predecessors: readonly (readonly number[])[];
}

/** Numbers the nodes in the order of `ids`, which are unique; edges that name unknown nodes are left out. */
export function indexGraph(ids: readonly string[], edges: readonly GraphEdge[]): IndexedGraph {
  const nodeCount = ids.length;
  const indexById = new Map(ids.map((id, index) => [id, index]));
  const successors: number[][] = ids.map(() => []);
  const predecessors: number[][] = ids.map(() => []);
  const seen = new Set<number>();
  for (const edge of edges) {
    const from = indexById.get(edge.from);
    const to = indexById.get(edge.to);
    if (from === undefined || to === undefined || from === to) continue;
    const key = from * nodeCount + to;
    if (seen.has(key)) continue;
    seen.add(key);
    successors[from]?.push(to);
    predecessors[to]?.push(from);
  }
  return { nodeCount, successors, predecessors };
}
