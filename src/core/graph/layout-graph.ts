// Computes the positions of the nodes and edges of a graph of jobs: dependencies lie left of dependants, with few
// crossings and no overlap.
// The layout is pure and deterministic: the same graph has the same picture, whatever the states of its runs.
import { arrangeGraph } from "./arrange-graph.ts";
import type { GraphEdge } from "./graph.ts";
import { placeLayers, type GraphSizes } from "./place-layers.ts";

export interface PlacedNode {
  readonly id: string;
  readonly rank: number;
  /** Left upper corner. */
  readonly x: number;
  readonly y: number;
}

export interface PlacedEdge extends GraphEdge {
  /** From the right side of `from` to the left side of `to`; the curve goes through these points. */
  readonly points: readonly Point[];
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  /** In the order that was given. */
  readonly nodes: readonly PlacedNode[];
  readonly edges: readonly PlacedEdge[];
  readonly width: number;
  readonly height: number;
  readonly sizes: GraphSizes;
}

export const defaultSizes: GraphSizes = { nodeWidth: 192, nodeHeight: 44, gapX: 56, gapY: 14, minRows: 24 };

/** More bends than this, and edges run straight: a graph so dense is not read by its edges. */
const maxBends = 8_000;

/** Arranges a graph and gives it coordinates. 2,000 nodes with 6,000 edges take some tens of milliseconds. */
export function layoutGraph(
  ids: readonly string[],
  edges: readonly GraphEdge[],
  sizes: GraphSizes = defaultSizes,
): GraphLayout {
  const arranged = arrangeGraph(ids, edges, { maxBends });
  const placed = placeLayers(arranged, sizes);
  const nodes = ids.map((id, index) => ({
    id,
    rank: arranged.ranks[index] ?? 0,
    x: placed.x[index] ?? 0,
    y: placed.y[index] ?? 0,
  }));
  const placedEdges = arranged.chains.map((chain) => ({
    from: ids[chain[0] ?? 0] ?? "",
    to: ids[chain.at(-1) ?? 0] ?? "",
    points: routeEdge(chain, placed, sizes),
  }));
  return { nodes, edges: placedEdges, width: placed.width, height: placed.height, sizes };
}

// A bend is a point between two columns; an edge passes it on a level stretch as wide as a node, beside the others.
function routeEdge(
  chain: readonly number[],
  placed: { readonly x: readonly number[]; readonly y: readonly number[] },
  { nodeWidth, nodeHeight }: GraphSizes,
): Point[] {
  const points: Point[] = [];
  chain.forEach((index, position) => {
    const x = placed.x[index] ?? 0;
    const y = (placed.y[index] ?? 0) + nodeHeight / 2;
    if (position > 0) points.push({ x, y });
    if (position < chain.length - 1) points.push({ x: x + nodeWidth, y });
  });
  return points;
}
