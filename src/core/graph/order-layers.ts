// Second step of the layout: the order of nodes within their layers. Each layer is sorted by where its neighbours stand,
// forth and back; the order with the fewest crossings wins, so that a further sweep never makes it worse.
import type { RankedGraph } from "./rank-nodes.ts";

/** One layer of the graph, as the steps pass it on: indexes of nodes; those from `nodeCount` on are bends of long edges. */
export type Layer = readonly number[];

const maxSweeps = 6;

/** From the first layer to the last. */
export function orderLayers(graph: RankedGraph): Layer[] {
  const neighbours = linkNeighbours(graph);
  let layers = startLayers(graph, neighbours.after);
  let best = layers;
  let fewest = countAllCrossings(layers, neighbours.after);
  for (let sweep = 0; sweep < maxSweeps && fewest > 0; sweep++) {
    layers = sweep % 2 === 0 ? sweepForth(layers, neighbours.before) : sweepBack(layers, neighbours.after);
    const crossings = countAllCrossings(layers, neighbours.after);
    if (crossings >= fewest) continue;
    fewest = crossings;
    best = layers;
  }
  return best;
}

/** How many pairs of edges cross between all neighbouring layers. */
export function countAllCrossings(layers: readonly Layer[], after: readonly (readonly number[])[]): number {
  let crossings = 0;
  for (let rank = 0; rank + 1 < layers.length; rank++) {
    crossings += countCrossings(layers[rank] ?? [], layers[rank + 1] ?? [], after);
  }
  return crossings;
}

export interface Neighbours {
  /** By index of node or bend: what stands one layer before, and one after, on the same edge. */
  readonly before: readonly (readonly number[])[];
  readonly after: readonly (readonly number[])[];
}

/** An edge that runs straight over several layers makes nobody a neighbour. */
export function linkNeighbours({ ranks, steps }: RankedGraph): Neighbours {
  const before: number[][] = ranks.map(() => []);
  const after: number[][] = ranks.map(() => []);
  for (const [from, to] of steps) {
    after[from]?.push(to);
    before[to]?.push(from);
  }
  return { before, after };
}

// Depth first from the roots: what belongs together begins together.
function startLayers({ ranks, rankCount }: RankedGraph, after: readonly (readonly number[])[]): Layer[] {
  const layers: number[][] = Array.from({ length: rankCount }, () => []);
  const seen = new Uint8Array(ranks.length);
  const byRank = ranks.map((_, index) => index).toSorted((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0) || a - b);
  for (const root of byRank) {
    const stack = [root];
    while (stack.length > 0) {
      const index = stack.pop() ?? 0;
      if (seen[index] === 1) continue;
      seen[index] = 1;
      layers[ranks[index] ?? 0]?.push(index);
      for (const next of (after[index] ?? []).toReversed()) if (seen[next] === 0) stack.push(next);
    }
  }
  return layers;
}

function sweepForth(layers: readonly Layer[], before: readonly (readonly number[])[]): Layer[] {
  const swept: Layer[] = layers.slice(0, 1);
  for (let rank = 1; rank < layers.length; rank++) {
    swept.push(sortByNeighbours(layers[rank] ?? [], swept[rank - 1] ?? [], before));
  }
  return swept;
}

function sweepBack(layers: readonly Layer[], after: readonly (readonly number[])[]): Layer[] {
  const swept = [...layers];
  for (let rank = layers.length - 2; rank >= 0; rank--) {
    swept[rank] = sortByNeighbours(swept[rank] ?? [], swept[rank + 1] ?? [], after);
  }
  return swept;
}

// By the mean position of the neighbours; one without any keeps its place.
function sortByNeighbours(layer: Layer, fixed: Layer, neighbours: readonly (readonly number[])[]): Layer {
  const positions = numberLayer(fixed, neighbours.length);
  const scale = layer.length === 0 ? 1 : fixed.length / layer.length;
  const weighed = layer.map((index, position) => {
    const near = neighbours[index] ?? [];
    let sum = 0;
    for (const neighbour of near) sum += positions[neighbour] ?? 0;
    return { index, weight: near.length === 0 ? position * scale : sum / near.length };
  });
  return weighed.sort((a, b) => a.weight - b.weight).map(({ index }) => index);
}

// Edges sorted by their left end cross as often as their right ends are out of order: counted with a tree of sums.
function countCrossings(left: Layer, right: Layer, after: readonly (readonly number[])[]): number {
  const positions = numberLayer(right, after.length);
  const sums = new Int32Array(right.length + 1);
  let crossings = 0;
  let seen = 0;
  for (const index of left) {
    const ends = after[index] ?? [];
    for (const end of ends) crossings += seen - sumUpTo(sums, (positions[end] ?? 0) + 1);
    for (const end of ends) addAt(sums, (positions[end] ?? 0) + 1);
    seen += ends.length;
  }
  return crossings;
}

// Positions by index; those of other layers are not looked at.
function numberLayer(layer: Layer, indexCount: number): Int32Array {
  const positions = new Int32Array(indexCount);
  layer.forEach((index, position) => (positions[index] = position));
  return positions;
}

function sumUpTo(sums: Int32Array, position: number): number {
  let sum = 0;
  for (let at = position; at > 0; at -= at & -at) sum += sums[at] ?? 0;
  return sum;
}

function addAt(sums: Int32Array, position: number): void {
  for (let at = position; at < sums.length; at += at & -at) sums[at] = (sums[at] ?? 0) + 1;
}
