import { expect, test } from "vitest";
import { arrangeGraph } from "./arrange-graph.ts";
import type { GraphEdge } from "./graph.ts";
import { countAllCrossings, linkNeighbours } from "./order-layers.ts";

function edge(from: string, to: string): GraphEdge {
  return { from, to };
}

test("crossed edges are uncrossed", () => {
  const graph = arrangeGraph(["a", "b", "c", "d"], [edge("a", "d"), edge("b", "c")]);
  const { after } = linkNeighbours(graph);
  const crossed = [
    [0, 1],
    [2, 3],
  ];
  expect(countAllCrossings(crossed, after)).toBe(1);
  expect(countAllCrossings(graph.layers, after)).toBe(0);
});

test("long edges of one node share their bends", () => {
  const chain = [edge("a", "b"), edge("b", "c"), edge("c", "d")];
  const graph = arrangeGraph(["a", "b", "c", "d"], [...chain, edge("a", "d"), edge("a", "c")]);
  expect(graph.ranks).toEqual([0, 1, 2, 3, 1, 2]);
  expect(graph.chains).toContainEqual([0, 4, 5, 3]);
  expect(graph.chains).toContainEqual([0, 4, 2]);
  expect(graph.steps.filter(([from, to]) => from === 0 && to === 4)).toHaveLength(1);
});

test("an edge without bends left runs straight, and one that shares them still bends", () => {
  const chain = [edge("a", "b"), edge("b", "c"), edge("c", "d")];
  const edges = [...chain, edge("a", "c"), edge("a", "d")];
  const { chains } = arrangeGraph(["a", "b", "c", "d"], edges, { maxBends: 1 });
  expect(chains).toContainEqual([0, 4, 2]);
  expect(chains).toContainEqual([0, 3]);
});
