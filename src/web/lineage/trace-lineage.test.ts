// Tracing what a dataset is made from.
import { expect, it } from "vitest";
import { type Lineage } from "../../api/dataset.ts";
import { neighbourhood, restrictLineage, traceLineage } from "./trace-lineage.ts";

const dataset = (name: string) => ({ kind: "dataset", name }) as const;
const job = (name: string) => ({ kind: "job", name }) as const;
const lineage: Lineage = {
  nodes: [dataset("raw"), job("clean"), dataset("silver"), job("sum"), dataset("gold"), dataset("other")],
  edges: [
    { from: "raw", to: "clean" },
    { from: "clean", to: "silver" },
    { from: "silver", to: "sum" },
    { from: "sum", to: "gold" },
  ],
};

it("lists what is up and down from a dataset, the nearest first", () => {
  const { upstream, downstream } = traceLineage(lineage, "silver");
  expect(upstream.map(({ node, distance }) => [node.name, distance])).toEqual([
    ["clean", 1],
    ["raw", 2],
  ]);
  expect(downstream.map(({ node }) => node.name)).toEqual(["sum", "gold"]);
});

it("ends on a cycle and leaves the start out of its own trace", () => {
  const cyclic = { ...lineage, edges: [...lineage.edges, { from: "gold", to: "clean" }] };
  expect(traceLineage(cyclic, "silver").upstream.map(({ node }) => node.name)).toEqual(["clean", "raw", "gold", "sum"]);
  expect(traceLineage(lineage, "nothing")).toEqual({ upstream: [], downstream: [] });
});

it("restricts the graph to what a dataset has to do with", () => {
  const part = restrictLineage(lineage, neighbourhood(lineage, "gold"));
  expect(part.nodes).toHaveLength(5);
  expect(part.edges).toHaveLength(4);
  expect(restrictLineage(lineage, new Set(["raw", "gold"])).edges).toEqual([]);
});
