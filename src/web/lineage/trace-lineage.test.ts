// Tracing what a dataset is made from.
import { expect, it } from "vitest";
import { type Lineage } from "../../api/datasets/dataset.ts";
import { traceLineage } from "./trace-lineage.ts";

const dataset = (name: string) => ({ id: `dataset:${name}`, kind: "dataset", name }) as const;
const job = (name: string) => ({ id: `job:${name}`, kind: "job", name }) as const;
const lineage: Lineage = {
  nodes: [dataset("raw"), job("clean"), dataset("silver"), job("sum"), dataset("gold"), dataset("other")],
  edges: [
    { from: "dataset:raw", to: "job:clean" },
    { from: "job:clean", to: "dataset:silver" },
    { from: "dataset:silver", to: "job:sum" },
    { from: "job:sum", to: "dataset:gold" },
  ],
};

it("lists what is up and down from a dataset, the nearest first", () => {
  const { upstream, downstream } = traceLineage(lineage, "dataset:silver");
  expect(upstream.map(({ node, distance }) => [node.name, distance])).toEqual([
    ["clean", 1],
    ["raw", 2],
  ]);
  expect(downstream.map(({ node }) => node.name)).toEqual(["sum", "gold"]);
});

it("ends on a cycle and leaves the start out of its own trace", () => {
  const cyclic = { ...lineage, edges: [...lineage.edges, { from: "dataset:gold", to: "job:clean" }] };
  expect(traceLineage(cyclic, "dataset:silver").upstream.map(({ node }) => node.name)).toEqual([
    "clean",
    "raw",
    "gold",
    "sum",
  ]);
  expect(traceLineage(lineage, "nothing")).toEqual({ upstream: [], downstream: [] });
});
