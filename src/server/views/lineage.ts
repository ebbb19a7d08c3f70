// Builds the graph of jobs and datasets, from the definitions and from published versions whose job is no longer
// defined.
import type { Lineage } from "../../api/datasets/dataset.ts";
import type { DatasetVersion } from "../../core/dataset/dataset.ts";
import type { Job } from "../../core/job/job.ts";
import type { ServerDefinitions } from "../server-services.ts";

export type LineageNode = Lineage["nodes"][number];

/** Nodes by kind and name; jobs without datasets are left out. */
export function buildLineage(
  definitions: Pick<ServerDefinitions, "jobs">,
  recorded: readonly Pick<DatasetVersion, "dataset" | "job">[],
): Lineage {
  const graph = new LineageGraph();
  for (const job of definitions.jobs.values()) addJob(graph, job);
  for (const { dataset, job } of recorded) {
    graph.addNode("dataset", dataset);
    // What a job publishes by code alone is in no definition.
    graph.addEdge(graph.addNode("job", job), lineageId("dataset", dataset));
  }
  return graph.toLineage();
}

/** What the node is made from and what is made from it, however far, with itself; empty when it is not there. */
export function traceLineage(lineage: Lineage, id: string): Lineage {
  const keep = new Set([...walk(lineage, id, "upstream"), ...walk(lineage, id, "downstream")]);
  return {
    nodes: lineage.nodes.filter((node) => keep.has(node.id)),
    edges: lineage.edges.filter(({ from, to }) => keep.has(from) && keep.has(to)),
  };
}

/** Datasets that are made from the node, the nearest first. */
export function listDownstreamDatasets(lineage: Lineage, id: string): readonly string[] {
  const nodes = new Map(lineage.nodes.map((node) => [node.id, node]));
  return walk(lineage, id, "downstream").flatMap((reached) => {
    const node = nodes.get(reached);
    return node?.kind === "dataset" && reached !== id ? [node.name] : [];
  });
}

/** `dataset:orders` */
export function lineageId(kind: LineageNode["kind"], name: string): string {
  return `${kind}:${name}`;
}

class LineageGraph {
  readonly #nodes = new Map<string, LineageNode>();
  readonly #edges = new Map<string, Lineage["edges"][number]>();

  /** @returns its id */
  addNode(kind: LineageNode["kind"], name: string): string {
    const id = lineageId(kind, name);
    if (!this.#nodes.has(id)) this.#nodes.set(id, { id, kind, name });
    return id;
  }

  addEdge(from: string, to: string): void {
    this.#edges.set(JSON.stringify([from, to]), { from, to });
  }

  toLineage(): Lineage {
    const byId =
      <T>(idOf: (item: T) => string) =>
      (a: T, b: T) =>
        idOf(a) < idOf(b) ? -1 : 1;
    return {
      nodes: [...this.#nodes.values()].toSorted(byId(({ id }) => id)),
      edges: [...this.#edges.values()].toSorted(byId(({ from, to }) => `${from} ${to}`)),
    };
  }
}

function addJob(graph: LineageGraph, { name, inputs, outputs }: Job): void {
  if (inputs.length + outputs.length === 0) return;
  const job = graph.addNode("job", name);
  for (const dataset of inputs) graph.addEdge(graph.addNode("dataset", dataset), job);
  for (const dataset of outputs) graph.addEdge(job, graph.addNode("dataset", dataset));
}

// Breadth first, and each node once: streams may go in circles.
function walk({ nodes, edges }: Lineage, start: string, direction: "upstream" | "downstream"): readonly string[] {
  if (!nodes.some(({ id }) => id === start)) return [];
  const next = Map.groupBy(edges, ({ from, to }) => (direction === "downstream" ? from : to));
  const reached = new Set([start]);
  // A set hands out what is added while it is walked.
  for (const id of reached) {
    for (const { from, to } of next.get(id) ?? []) reached.add(direction === "downstream" ? to : from);
  }
  return [...reached];
}
