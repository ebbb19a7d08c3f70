// Places the boxes of a drawn pipeline: layers are rows from top to bottom, in columns of text.
// Lines that skip a row pass through it in a slot of their own.
import type { JobNode } from "../../api/job.ts";
import { arrangeGraph } from "../../core/graph/arrange-graph.ts";
import type { GraphEdge } from "../../core/graph/graph.ts";
import { linkNeighbours } from "../../core/graph/order-layers.ts";
import { reduceEdges } from "../../core/graph/reduce-edges.ts";

/** What a drawing needs to know of a job. */
export type DrawnJob = Pick<JobNode, "job_name" | "layer" | "depends_on">;

/** A place in a row: a job's box, or a line passing through (then `job` is undefined). */
export interface Slot {
  readonly job: DrawnJob | undefined;
  /** Where its lines come from, in the row above. */
  readonly parents: readonly Slot[];
  /** The first column, and how many. */
  readonly left: number;
  readonly width: number;
  /** Text beside the lines that leave it. */
  readonly label: string;
}

export interface PlacedBoxes {
  readonly rows: readonly (readonly Slot[])[];
  /** Columns of the whole drawing. */
  readonly width: number;
  /** Dependencies that are not drawn, because a longer path says the same about the order. */
  readonly implied: readonly DatasetEdge[];
}

/** @param captionOf what the box of a job says */
export function placeBoxes(nodes: readonly DrawnJob[], captionOf: (job: DrawnJob) => string): PlacedBoxes {
  const names = nodes.map(({ job_name: name }) => name);
  const { direct, implied } = reduceEdges(names, listEdges(nodes));
  const graph = arrangeGraph(names, direct);
  const { before } = linkNeighbours(graph);
  const labels = labelLines(direct);
  const placed = new Map<number, Slot>();
  const rows = graph.layers.map((layer) => {
    let free = 0;
    return layer.map((index) => {
      const parents = (before[index] ?? []).flatMap((parent) => placed.get(parent) ?? []);
      const slot = placeSlot(nodes[index], parents, free, captionOf, labels);
      free = slot.left + slot.width + gap;
      placed.set(index, slot);
      return slot;
    });
  });
  const width = Math.max(0, ...rows.flat().map((slot) => slot.left + slot.width));
  return { rows, width, implied };
}

/** Columns between two slots. */
const gap = 2;
/** Room to move a passing line aside when another stands in its column. */
const passingWidth = 5;

interface DatasetEdge extends GraphEdge {
  /** Because of which it is an edge. */
  readonly dataset: string | null;
}

function listEdges(nodes: readonly DrawnJob[]): DatasetEdge[] {
  return nodes.flatMap(({ job_name: to, depends_on: dependsOn }) =>
    dependsOn.map(({ job_name: from, because }) => ({ from, to, dataset: because })),
  );
}

/** The datasets that the drawn lines of each job stand for. */
function labelLines(edges: readonly DatasetEdge[]): Map<string, string> {
  const datasets = new Map<string, Set<string>>();
  for (const { from, dataset } of edges) {
    if (dataset === null) continue;
    datasets.set(from, (datasets.get(from) ?? new Set()).add(dataset));
  }
  return new Map([...datasets].map(([from, names]) => [from, [...names].join(", ")]));
}

// As far left as the slot before it allows, but below the leftmost of those that it comes from.
function placeSlot(
  job: DrawnJob | undefined,
  parents: readonly Slot[],
  free: number,
  captionOf: (job: DrawnJob) => string,
  labels: ReadonlyMap<string, string>,
): Slot {
  const label = job === undefined ? "" : (labels.get(job.job_name) ?? "");
  const width = job === undefined ? passingWidth : Math.max(captionOf(job).length + 4, label.length + 5);
  const wished = parents.length === 0 ? 0 : Math.min(...parents.map((parent) => parent.left));
  return { job, parents, left: Math.max(free, wished), width, label };
}
