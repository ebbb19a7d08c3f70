// Upstream and downstream of one dataset or job in the lineage. Terminates on cycles, which streams may have.
import { type Lineage } from "../../api/dataset.ts";

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

/** All that `name` is made from and all that is made from it. An unknown name has neither. */
export function traceLineage(lineage: Lineage, name: string): LineageTrace {
  return {
    upstream: walk(lineage, name, (edge) => [edge.to, edge.from]),
    downstream: walk(lineage, name, (edge) => [edge.from, edge.to]),
  };
}

/** Only nodes that `keep` has, with the edges between them. */
export function restrictLineage(lineage: Lineage, keep: ReadonlySet<string>): Lineage {
  return {
    nodes: lineage.nodes.filter((node) => keep.has(node.name)),
    edges: lineage.edges.filter((edge) => keep.has(edge.from) && keep.has(edge.to)),
  };
}

/** A name and all that is up and down from it. */
export function neighbourhood(lineage: Lineage, name: string): ReadonlySet<string> {
  const { upstream, downstream } = traceLineage(lineage, name);
  return new Set([name, ...[...upstream, ...downstream].map(({ node }) => node.name)]);
}

type Edge = Lineage["edges"][number];

function walk(
  lineage: Lineage,
  start: string,
  orient: (edge: Edge) => readonly [string, string],
): readonly TracedNode[] {
  const nodes = new Map(lineage.nodes.map((node) => [node.name, node]));
  const nextOf = Map.groupBy(lineage.edges.map(orient), ([from]) => from);
  const distances = new Map([[start, 0]]);
  const queue = [start];
  for (const name of queue) {
    for (const [, next] of nextOf.get(name) ?? []) {
      if (distances.has(next)) continue;
      distances.set(next, (distances.get(name) ?? 0) + 1);
      queue.push(next);
    }
  }
  return queue.slice(1).flatMap((name) => {
    const node = nodes.get(name);
    return node === undefined ? [] : [{ node, distance: distances.get(name) ?? 0 }];
  });
}
