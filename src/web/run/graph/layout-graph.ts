// Where the nodes and edges of a graph of jobs go: dependencies left of dependants, few crossings, no two nodes on each
// other. Pure and deterministic: the same graph has the same picture, whatever the states of its runs.
import { orderLayers } from "./order-layers.ts";
import { placeLayers, type GraphSizes } from "./place-layers.ts";
import { rankNodes, type IndexedGraph } from "./rank-nodes.ts";

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
}

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

/**
 * Lays a graph out. Edges that name unknown nodes are left out; so are those that close a cycle, for a picture of a broken
 * graph is better than none. 2,000 nodes with 6,000 edges take some tens of milliseconds.
 */
export function layoutGraph(
  ids: readonly string[],
  edges: readonly GraphEdge[],
  sizes: GraphSizes = defaultSizes,
): GraphLayout {
  const indexById = new Map(ids.map((id, index) => [id, index]));
  const graph = indexGraph(ids.length, edges, indexById);
  const ranked = rankNodes(graph);
  const ordered = orderLayers(ranked);
  const placed = placeLayers(ranked, ordered, sizes);
  const nodes = ids.map((id, index) => ({
    id,
    rank: ranked.ranks[index] ?? 0,
    x: placed.x[index] ?? 0,
    y: placed.y[index] ?? 0,
  }));
  const placedEdges = ranked.chains.map((chain) => ({
    from: ids[chain[0] ?? 0] ?? "",
    to: ids[chain.at(-1) ?? 0] ?? "",
    points: routeEdge(chain, placed, sizes),
  }));
  return { nodes, edges: placedEdges, width: placed.width, height: placed.height, sizes };
}

/** The `d` of an SVG path through the points of an edge: level at both ends, so that it leaves and enters nodes straight. */
export function drawEdge(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (first === undefined) return "";
  let path = `M${round(first.x)} ${round(first.y)}`;
  let previous = first;
  for (const point of rest) {
    const middle = round((previous.x + point.x) / 2);
    path += ` C${middle} ${round(previous.y)} ${middle} ${round(point.y)} ${round(point.x)} ${round(point.y)}`;
    previous = point;
  }
  return path;
}

function indexGraph(
  nodeCount: number,
  edges: readonly GraphEdge[],
  indexById: ReadonlyMap<string, number>,
): IndexedGraph {
  const successors: number[][] = Array.from({ length: nodeCount }, () => []);
  const predecessors: number[][] = Array.from({ length: nodeCount }, () => []);
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

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
