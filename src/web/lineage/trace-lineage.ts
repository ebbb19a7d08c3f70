// Upstream and downstream of one dataset or job in the lineage. Terminates on cycles, which streams may have.
import { type Lineage } from "../../api/datasets/dataset.ts";

export type LineageNode = Lineage["nodes"][number];

export interface LineageTrace {
  /** What it is made from, the nearest first; `distance` counts the steps. */
  readonly upstream: readonly TracedNode[];
  /** What is made from it. */
  readonly downstream: readonly TracedNode[];
}

export interface TracedNode {
  readonly node: LineageNode;
  readonly distance: number;
}

/** All that the node `id` is made from and all that is made from it. An unknown id has neither. */
export function traceLineage(lineage: Lineage, id: string): LineageTrace {
  return {
    upstream: walk(lineage, id, (edge) => [edge.to, edge.from]),
    downstream: walk(lineage, id, (edge) => [edge.from, edge.to]),
  };
}

type Edge = Lineage["edges"][number];

function walk(
  lineage: Lineage,
  start: string,
  orient: (edge: Edge) => readonly [string, string],
): readonly TracedNode[] {
  const nodes = new Map(lineage.nodes.map((node) => [node.id, node]));
  const nextOf = Map.groupBy(lineage.edges.map(orient), ([from]) => from);
  const distances = new Map([[start, 0]]);
  const queue = [start];
  for (const id of queue) {
    for (const [, next] of nextOf.get(id) ?? []) {
      if (distances.has(next)) continue;
      distances.set(next, (distances.get(id) ?? 0) + 1);
      queue.push(next);
    }
  }
  return queue.slice(1).flatMap((id) => {
    const node = nodes.get(id);
    return node === undefined ? [] : [{ node, distance: distances.get(id) ?? 0 }];
  });
}
