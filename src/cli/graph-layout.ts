// Where the boxes of a drawn pipeline go: rows by dependency, places within a row so that lines cross little.
// Lines that skip a row pass through it in a slot of their own.
import type { PipelineNode } from "../core/job/pipeline.ts";

/** A place in a row: a job's box, or a line passing through (then `job` is undefined). */
export interface Slot {
  readonly job: PipelineNode["job"] | undefined;
  /** Where its lines come from, in the row above. */
  readonly parents: readonly Slot[];
  /** The first column, and how many. */
  left: number;
  readonly width: number;
  /** Text beside the lines that leave it. */
  readonly label: string;
}

export interface GraphLayout {
  readonly rows: readonly (readonly Slot[])[];
  /** Columns of the whole drawing. */
  readonly width: number;
  /** Dependencies that are not drawn, because a longer path says the same about the order. */
  readonly implied: readonly { readonly from: string; readonly to: string; readonly dataset: string | undefined }[];
}

/** @param captionOf what the box of a job says */
export function layOutGraph(
  nodes: readonly PipelineNode[],
  captionOf: (job: PipelineNode["job"]) => string,
): GraphLayout {
  const { direct, implied } = reduceEdges(nodes);
  const rows = placeInRows(nodes, direct, captionOf);
  for (const row of rows) orderRow(row);
  for (const row of rows) positionRow(row);
  const width = Math.max(0, ...rows.flat().map((slot) => slot.left + slot.width));
  return { rows, width, implied };
}

/** Columns between two slots. */
const gap = 2;
/** Room to move a passing line aside when another stands in its column. */
const passingWidth = 5;

interface Edge {
  readonly from: string;
  readonly to: string;
  readonly dataset: string | undefined;
}

// A dependency on an ancestor of another dependency adds nothing to the picture's order.
function reduceEdges(nodes: readonly PipelineNode[]): { direct: Map<string, Edge[]>; implied: Edge[] } {
  const ancestors = new Map<string, Set<string>>();
  const direct = new Map<string, Edge[]>();
  const implied: Edge[] = [];
  // Nodes come after those they depend on, so the ancestors of each are known when it is looked at.
  for (const { job, dependsOn } of nodes) {
    const further = new Set(dependsOn.flatMap((edge) => [...(ancestors.get(edge.job) ?? [])]));
    const edges = dependsOn.map((edge): Edge => ({ from: edge.job, to: job.name, dataset: edge.because }));
    direct.set(
      job.name,
      edges.filter(({ from }) => !further.has(from)),
    );
    implied.push(...edges.filter(({ from }) => further.has(from)));
    ancestors.set(job.name, new Set([...further, ...dependsOn.map((edge) => edge.job)]));
  }
  return { direct, implied };
}

function placeInRows(
  nodes: readonly PipelineNode[],
  direct: ReadonlyMap<string, readonly Edge[]>,
  captionOf: (job: PipelineNode["job"]) => string,
): Slot[][] {
  const rows: Slot[][] = [];
  const placed = new Map<string, { slot: Slot; row: number }>();
  const passing = new Map<string, Slot>();
  const labels = labelsOf(direct);
  for (const { job } of nodes) {
    const upstream = (direct.get(job.name) ?? []).flatMap(({ from }) => placed.get(from) ?? []);
    const row = Math.max(-1, ...upstream.map((each) => each.row)) + 1;
    const parents = upstream.map((each) => passDown(each, row, rows, passing));
    const label = labels.get(job.name) ?? "";
    const width = Math.max(captionOf(job).length + 4, label.length + 5);
    const slot: Slot = { job, parents, left: 0, width, label };
    (rows[row] ??= []).push(slot);
    placed.set(job.name, { slot, row });
  }
  return rows;
}

// Lines of one job to several lower rows share their way.
function passDown(
  from: { readonly slot: Slot; readonly row: number },
  row: number,
  rows: Slot[][],
  passing: Map<string, Slot>,
): Slot {
  let above = from.slot;
  for (let through = from.row + 1; through < row; through += 1) {
    const key = `${from.slot.job?.name ?? ""} ${through}`;
    const known = passing.get(key);
    const slot = known ?? { job: undefined, parents: [above], left: 0, width: passingWidth, label: "" };
    if (known === undefined) {
      passing.set(key, slot);
      (rows[through] ??= []).push(slot);
    }
    above = slot;
  }
  return above;
}

/** The datasets that the drawn lines of each job stand for. */
function labelsOf(direct: ReadonlyMap<string, readonly Edge[]>): Map<string, string> {
  const datasets = new Map<string, Set<string>>();
  for (const { from, dataset } of [...direct.values()].flat()) {
    if (dataset === undefined) continue;
    datasets.set(from, (datasets.get(from) ?? new Set()).add(dataset));
  }
  return new Map([...datasets].map(([from, names]) => [from, [...names].join(", ")]));
}

// Rows are ordered from above: each slot near the middle of what it comes from. Only `left` of the row above is read, as an order.
function orderRow(row: Slot[]): void {
  const middle = new Map(row.map((slot, index) => [slot, middleOf(slot) ?? index]));
  row.sort((a, b) => (middle.get(a) ?? 0) - (middle.get(b) ?? 0));
  // A rank for the row below, until the columns are known.
  for (const [index, slot] of row.entries()) slot.left = index;
}

function middleOf({ parents }: Slot): number | undefined {
  if (parents.length === 0) return undefined;
  return parents.reduce((sum, parent) => sum + parent.left, 0) / parents.length;
}

// As far left as the neighbour allows, but below the leftmost of those it comes from.
function positionRow(row: readonly Slot[]): void {
  let free = 0;
  for (const slot of row) {
    const wished = slot.parents.length === 0 ? 0 : Math.min(...slot.parents.map((parent) => parent.left));
    slot.left = Math.max(free, wished);
    free = slot.left + slot.width + gap;
  }
}
