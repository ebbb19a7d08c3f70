// Third step of the layout: coordinates. Each node wants to stand level with its neighbours; the order of its layer and the
// room between nodes are kept exactly, by the least squares way of settling for what is possible.
import type { ArrangedGraph } from "./arrange-graph.ts";
import { linkNeighbours, type Layer } from "./order-layers.ts";

export interface GraphSizes {
  readonly nodeWidth: number;
  readonly nodeHeight: number;
  /** Between layers, where the edges turn. */
  readonly gapX: number;
  readonly gapY: number;
  /**
   * A layer with more nodes than this may be wrapped to several columns, so that a wide fan-out keeps a shape to look at: as
   * many as make the picture about twice as wide as it is high.
   */
  readonly minRows: number;
}

export interface PlacedLayers {
  /** By index of node and bend: left upper corners. */
  readonly x: readonly number[];
  readonly y: readonly number[];
  readonly width: number;
  readonly height: number;
}

const sweeps = 4;
/** Width to height. */
const widestShape = 2.2;
/** A bend needs less room than a node. */
const bendShare = 0.35;

/** Coordinates from 0 on; layers go from left to right. */
export function placeLayers(graph: ArrangedGraph, sizes: GraphSizes): PlacedLayers {
  const { layers } = graph;
  const x = graph.ranks.map(() => 0);
  const y = graph.ranks.map(() => 0);
  const counts = layers.map((layer) => countNodes(layer, graph.nodeCount));
  const maxRows = chooseRows(counts, sizes);
  const wrapped = counts.map((count) => count > maxRows);
  let left = 0;
  layers.forEach((layer, rank) => {
    const columns = wrapped[rank] === true ? wrapLayer(layer, graph.nodeCount, { left, maxRows }, sizes, x, y) : 1;
    if (wrapped[rank] !== true) stackLayer(layer, graph.nodeCount, left, sizes, x, y);
    left += columns * sizes.nodeWidth + (columns - 1) * columnGap(sizes) + sizes.gapX;
  });
  const { before, after } = linkNeighbours(graph);
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const forth = sweep % 2 === 0;
    for (let step = 0; step < layers.length; step++) {
      const rank = forth ? step : layers.length - 1 - step;
      if (wrapped[rank] === true) continue;
      levelLayer(layers[rank] ?? [], graph.nodeCount, forth ? before : after, sizes, y);
    }
  }
  return { x, ...moveToZero(y, sizes.nodeHeight), width: Math.max(0, left - sizes.gapX) };
}

function countNodes(layer: Layer, nodeCount: number): number {
  return layer.reduce((count, index) => (index < nodeCount ? count + 1 : count), 0);
}

// The fewest rows with which the picture is not wider than it should be; without wrapping when it is wide anyway.
function chooseRows(counts: readonly number[], sizes: GraphSizes): number {
  const highest = Math.max(1, ...counts);
  for (let rows = sizes.minRows; rows < highest; rows = Math.ceil(rows * 1.15)) {
    const columns = counts.reduce((sum, count) => sum + Math.max(1, Math.ceil(count / rows)), 0);
    const width = columns * (sizes.nodeWidth + columnGap(sizes)) + counts.length * (sizes.gapX - columnGap(sizes));
    if (width <= widestShape * rows * (sizes.nodeHeight + sizes.gapY)) return rows;
  }
  return highest;
}

function columnGap({ gapX }: GraphSizes): number {
  return Math.round(gapX / 2);
}

function stackLayer(layer: Layer, nodeCount: number, left: number, sizes: GraphSizes, x: number[], y: number[]): void {
  let top = 0;
  for (const index of layer) {
    x[index] = left;
    y[index] = top;
    top += roomOf(index, nodeCount, sizes);
  }
  for (const index of layer) y[index] = (y[index] ?? 0) - top / 2;
}

// Column by column, so that neighbours in the order stay neighbours. Bends pass above the block.
function wrapLayer(
  layer: Layer,
  nodeCount: number,
  { left, maxRows }: { readonly left: number; readonly maxRows: number },
  sizes: GraphSizes,
  x: number[],
  y: number[],
): number {
  const nodes = layer.filter((index) => index < nodeCount);
  const columns = Math.ceil(nodes.length / maxRows);
  const rows = Math.ceil(nodes.length / columns);
  const stepY = sizes.nodeHeight + sizes.gapY;
  nodes.forEach((index, position) => {
    x[index] = left + Math.floor(position / rows) * (sizes.nodeWidth + columnGap(sizes));
    y[index] = ((position % rows) - rows / 2) * stepY;
  });
  let top = (-rows / 2) * stepY;
  for (const index of layer) {
    if (index < nodeCount) continue;
    top -= roomOf(index, nodeCount, sizes);
    x[index] = left;
    y[index] = top;
  }
  return columns;
}

function roomOf(index: number, nodeCount: number, { nodeHeight, gapY }: GraphSizes): number {
  return (nodeHeight + gapY) * (index < nodeCount ? 1 : bendShare);
}

// Wanted places minus the room taken by those before must not fall: pooling neighbours that do gives the nearest such row.
function levelLayer(
  layer: Layer,
  nodeCount: number,
  neighbours: readonly (readonly number[])[],
  sizes: GraphSizes,
  y: number[],
): void {
  const pools: { sum: number; count: number }[] = [];
  let taken = 0;
  const offsets = layer.map((index) => {
    const offset = taken;
    taken += roomOf(index, nodeCount, sizes);
    let pool = { sum: wantedY(index, neighbours[index] ?? [], y) - offset, count: 1 };
    for (let last = pools.at(-1); last !== undefined && last.sum / last.count > pool.sum / pool.count;) {
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
      pools.pop();
      last = pools.at(-1);
    }
    pools.push(pool);
    return offset;
  });
  let position = 0;
  for (const { sum, count } of pools) {
    for (let member = 0; member < count; member++, position++) {
      y[layer[position] ?? 0] = sum / count + (offsets[position] ?? 0);
    }
  }
}

function wantedY(index: number, near: readonly number[], y: readonly number[]): number {
  if (near.length === 0) return y[index] ?? 0;
  return near.reduce((sum, neighbour) => sum + (y[neighbour] ?? 0), 0) / near.length;
}

function moveToZero(y: readonly number[], nodeHeight: number): { y: number[]; height: number } {
  const top = y.reduce((least, value) => Math.min(least, value), Infinity);
  if (top === Infinity) return { y: [], height: 0 };
  const moved = y.map((value) => value - top);
  return { y: moved, height: moved.reduce((most, value) => Math.max(most, value), 0) + nodeHeight };
}
