import fc from "fast-check";
import { expect, test } from "vitest";
import type { GraphEdge } from "./graph.ts";
import { defaultSizes, layoutGraph, type GraphLayout } from "./layout-graph.ts";

function edge(from: string, to: string): GraphEdge {
  return { from, to };
}

function nodeOf(layout: GraphLayout, id: string): { rank: number; x: number; y: number } {
  const node = layout.nodes.find((each) => each.id === id);
  if (node === undefined) throw new Error(`no node ${id}`);
  return node;
}

test("a job stands right of all that it depends on", () => {
  const layout = layoutGraph(["report", "load", "clean"], [edge("load", "clean"), edge("clean", "report")]);
  expect(["load", "clean", "report"].map((id) => nodeOf(layout, id).rank)).toEqual([0, 1, 2]);
  expect(nodeOf(layout, "load").x).toBeLessThan(nodeOf(layout, "clean").x);
  expect(nodeOf(layout, "clean").x).toBeLessThan(nodeOf(layout, "report").x);
});

test("the nodes of a chain stand level", () => {
  const layout = layoutGraph(["a", "b", "c"], [edge("a", "b"), edge("b", "c")]);
  expect(new Set(layout.nodes.map(({ y }) => y))).toEqual(new Set([0]));
  expect(layout.height).toBe(defaultSizes.nodeHeight);
});

test("a root that only a late job needs stands just before it", () => {
  const layout = layoutGraph(["a", "b", "c", "rates"], [edge("a", "b"), edge("b", "c"), edge("rates", "c")]);
  expect(nodeOf(layout, "rates").rank).toBe(1);
});

test("edges to unknown nodes, loops and doubles are left out", () => {
  const layout = layoutGraph(["a", "b"], [edge("a", "b"), edge("a", "b"), edge("a", "a"), edge("a", "gone")]);
  expect(layout.edges.map(({ from, to }) => [from, to])).toEqual([["a", "b"]]);
});

test("a cycle still has a picture", () => {
  const layout = layoutGraph(["a", "b", "c"], [edge("a", "b"), edge("b", "c"), edge("c", "a")]);
  expect(layout.nodes).toHaveLength(3);
  expect(layout.edges).toHaveLength(2);
});

test("a wide layer is wrapped to columns", () => {
  const parts = Array.from({ length: 200 }, (_, index) => `part-${index}`);
  const layout = layoutGraph(
    ["split", ...parts],
    parts.map((part) => edge("split", part)),
  );
  const columns = new Set(layout.nodes.filter(({ rank }) => rank === 1).map(({ x }) => x));
  expect(columns.size).toBeGreaterThan(4);
  expect(layout.width / layout.height).toBeLessThan(2.6);
});

test("an empty graph has an empty picture", () => {
  expect(layoutGraph([], [])).toMatchObject({ nodes: [], edges: [], width: 0, height: 0 });
});

test("a long edge bends through the layers between", () => {
  const layout = layoutGraph(["a", "b", "c"], [edge("a", "b"), edge("b", "c"), edge("a", "c")]);
  const long = layout.edges.find(({ from, to }) => from === "a" && to === "c");
  expect(long?.points).toHaveLength(4);
});

test("no two nodes of any graph overlap, and every edge leads to the right", () => {
  const graphs = fc.integer({ min: 1, max: 40 }).chain((count) =>
    fc.record({
      count: fc.constant(count),
      pairs: fc.array(fc.tuple(fc.nat(count - 1), fc.nat(count - 1)), { maxLength: 80 }),
    }),
  );
  fc.assert(
    fc.property(graphs, ({ count, pairs }) => {
      const ids = Array.from({ length: count }, (_, index) => `n${index}`);
      const edges = pairs.map(([a, b]) => edge(`n${Math.min(a, b)}`, `n${Math.max(a, b)}`));
      const layout = layoutGraph(ids, edges, { ...defaultSizes, minRows: 6 });
      expectApart(layout);
      for (const { from, to } of layout.edges) {
        expect(nodeOf(layout, from).x + defaultSizes.nodeWidth).toBeLessThan(nodeOf(layout, to).x);
      }
    }),
    { numRuns: 60 },
  );
});

test("the same graph has the same picture", () => {
  const ids = ["a", "b", "c", "d"];
  const edges = [edge("a", "c"), edge("b", "c"), edge("a", "d")];
  expect(layoutGraph(ids, edges)).toEqual(layoutGraph(ids, edges));
});

function expectApart(layout: GraphLayout): void {
  const { nodeWidth, nodeHeight } = defaultSizes;
  layout.nodes.forEach((a, index) => {
    for (const b of layout.nodes.slice(index + 1)) {
      const apart = Math.abs(a.x - b.x) >= nodeWidth || Math.abs(a.y - b.y) >= nodeHeight - 0.001;
      expect(apart, `${a.id} and ${b.id}`).toBe(true);
    }
  });
}
