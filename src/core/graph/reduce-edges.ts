// Separates the edges that order a graph from those that add nothing, because a longer path says the same.
import type { GraphEdge } from "./graph.ts";

export interface ReducedEdges<Edge extends GraphEdge> {
  /** Edges without a longer path beside them. */
  readonly direct: readonly Edge[];
  readonly implied: readonly Edge[];
}

/**
 * Both lists keep the order of `edges`.
 *
 * @param ids each node after those that it needs
 */
export function reduceEdges<Edge extends GraphEdge>(
  ids: readonly string[],
  edges: readonly Edge[],
): ReducedEdges<Edge> {
  const needed = Map.groupBy(edges, ({ to }) => to);
  const ancestors = new Map<string, ReadonlySet<string>>();
  const implied = new Set<Edge>();
  for (const id of ids) {
    const own = needed.get(id) ?? [];
    const further = new Set(own.flatMap(({ from }) => [...(ancestors.get(from) ?? [])]));
    for (const edge of own) if (further.has(edge.from)) implied.add(edge);
    ancestors.set(id, new Set([...further, ...own.map(({ from }) => from)]));
  }
  return { direct: edges.filter((edge) => !implied.has(edge)), implied: edges.filter((edge) => implied.has(edge)) };
}
