// Gives each node of a graph its layer and its place in that layer. Screens and terminals both draw from this.
import { indexGraph, type GraphEdge } from "./graph.ts";
import { orderLayers, type Layer } from "./order-layers.ts";
import { rankNodes, type RankedGraph } from "./rank-nodes.ts";

export interface ArrangedGraph extends RankedGraph {
  /** From the first layer to the last, each in the order in which its nodes and bends stand. */
  readonly layers: readonly Layer[];
}

export interface ArrangeOptions {
  /** An edge that would need more bends than are left runs straight through the layers between. Default: no limit. */
  readonly maxBends?: number;
}

/**
 * Dependencies stand in layers before their dependants, and few edges cross. Edges that name unknown nodes are left out; so
 * are those that close a cycle, for a picture of a broken graph is better than none. The same graph is arranged the same.
 */
export function arrangeGraph(
  ids: readonly string[],
  edges: readonly GraphEdge[],
  { maxBends = Infinity }: ArrangeOptions = {},
): ArrangedGraph {
  const ranked = rankNodes(indexGraph(ids, edges), maxBends);
  return { ...ranked, layers: orderLayers(ranked) };
}
