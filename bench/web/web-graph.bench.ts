// The picture of a graph of 2,000 jobs as the browser lays it out, in three shapes that graphs of data jobs take.
import type { GraphEdge } from "../../src/core/graph/graph.ts";
import { layoutGraph } from "../../src/core/graph/layout-graph.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { takeTurns, timeMs } from "../harness/take-turns.ts";

const nodeCount = 2_000;
const layerCount = 40;

export const bench: Bench = {
  name: "web-graph",
  description: "laying out a graph of 2,000 jobs, beside reading the same graph from its JSON text",
  async run() {
    const measures: Measure[] = [];
    for (const [shape, edges] of Object.entries(listShapes())) {
      const ids = Array.from({ length: nodeCount }, (_, index) => `job_${index}`);
      const text = JSON.stringify({ ids, edges });
      const values = await takeTurns(
        {
          ours: () => timeMs(async () => await Promise.resolve(layoutGraph(ids, edges))),
          json: () => timeMs(async () => await Promise.resolve<unknown>(JSON.parse(text))),
        },
        { warmUps: 2, repetitions: 9 },
      );
      measures.push({
        name: `graph of 2,000 jobs laid out: ${shape} (${edges.length} edges)`,
        unit: "ms",
        ours: values.ours,
        peer: { name: "JSON.parse of the graph", values: values.json },
        target: { kind: "value", atMost: 100 },
      });
    }
    return measures;
  },
};

function listShapes(): Record<string, GraphEdge[]> {
  const chain: GraphEdge[] = [];
  const fan: GraphEdge[] = [];
  const layers: GraphEdge[] = [];
  const width = nodeCount / layerCount;
  for (let index = 1; index < nodeCount; index++) {
    chain.push(edge(index - 1, index));
    if (index < nodeCount - 1) fan.push(edge(0, index), edge(index, nodeCount - 1));
  }
  for (let index = width; index < nodeCount; index++) {
    const layer = Math.floor(index / width);
    // Two from the layer before, and one from any layer before that: spread evenly, the same each time.
    layers.push(edge((layer - 1) * width + ((index * 7) % width), index));
    layers.push(edge((layer - 1) * width + ((index * 13 + 5) % width), index));
    layers.push(edge((index * 31) % (layer * width), index));
  }
  return { "a chain": chain, "a fan": fan, "40 layers": layers };
}

function edge(from: number, to: number): GraphEdge {
  return { from: `job_${from}`, to: `job_${to}` };
}
