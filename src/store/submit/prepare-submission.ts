// Checks a submission before anything is locked or written, and works out who waits for whom.
// A submission that passes can always end: its positions exist, and no run waits for itself.
import type { UpstreamFailurePolicy } from "../../core/job/pipeline.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import { toParamsKey } from "./params-key.ts";
import type { NewRun, Submission, WorkerId } from "../rows/run-records.ts";
import { toStorable } from "../rows/script.ts";

/** The greatest size of a run's params as JSON. */
export const maxParamsBytes = 1_048_576;

/** A run of the submission with the place it will have in the graph. */
export interface PreparedRun {
  readonly run: NewRun;
  readonly paramsJson: string;
  /** Names the params of a run that has a window. */
  readonly paramsKey: string | undefined;
  /** Runs it waits for. */
  readonly pending: number;
  readonly hasChildren: boolean;
}

export interface PreparedSubmission {
  readonly runs: readonly PreparedRun[];
  /** Given edges, and one from each member of a pipeline to the pipeline. */
  readonly edges: readonly PreparedEdge[];
  readonly runKey: string | undefined;
  readonly spawnedBy: RunId | undefined;
  readonly boundTo: WorkerId | undefined;
}

/** `child` waits for `parent`; both are positions. */
export interface PreparedEdge {
  readonly parent: number;
  readonly child: number;
  readonly policy: UpstreamFailurePolicy;
}

/** @throws MillraceError `VALUE_INVALID` | `PARAMS_INVALID` | `PIPELINE_CYCLE` */
export function prepareSubmission(submission: Submission): PreparedSubmission {
  const { runs } = submission;
  if (runs.length === 0) throw new MillraceError("VALUE_INVALID", "expected a submission to have a run, got none");
  const edges = [...givenEdges(submission), ...membershipEdges(runs)];
  assertDistinct(edges, runs.length);
  const pending = new Uint32Array(runs.length);
  const children = new Uint32Array(runs.length);
  for (const { parent, child } of edges) {
    pending[child] = (pending[child] ?? 0) + 1;
    children[parent] = (children[parent] ?? 0) + 1;
  }
  assertAcyclic(runs, edges, pending);
  const prepared = runs.map((run, position) => ({
    run: withStorableText(run),
    paramsJson: encodeParams(run),
    paramsKey: run.window === undefined ? undefined : toParamsKey(run.params),
    pending: pending[position] ?? 0,
    hasChildren: (children[position] ?? 0) > 0,
  }));
  const runKey = submission.runKey === undefined ? undefined : toStorable(submission.runKey);
  return { runs: prepared, edges, runKey, spawnedBy: submission.spawnedBy, boundTo: submission.boundTo };
}

// Lanes and keys are found again by their text, so it is what the database keeps of it from the start.
function withStorableText(run: NewRun): NewRun {
  return {
    ...run,
    job: toStorable(run.job),
    tenant: toStorable(run.tenant),
    createdBy: toStorable(run.createdBy),
    ...(run.gates === undefined ? {} : { gates: run.gates.map((gate) => toStorable(gate)) }),
  };
}

function givenEdges({ runs, edges }: Submission): PreparedEdge[] {
  return edges.map(({ parent, child, onUpstreamFailure }) => {
    assertPosition(runs, parent);
    assertPosition(runs, child);
    // Its members could start before it, so the edge would not do what it says.
    if (runs[child]?.kind === "pipeline") {
      throw new MillraceError("VALUE_INVALID", `expected no edge into a pipeline run, got: \`${runs[child].job}\``);
    }
    return { parent, child, policy: onUpstreamFailure };
  });
}

function membershipEdges(runs: readonly NewRun[]): PreparedEdge[] {
  return runs.flatMap(({ parent }, position) => {
    if (parent === undefined) return [];
    assertPosition(runs, parent);
    if (runs[parent]?.kind !== "pipeline" || position === 0) {
      const message = `expected \`parent\` of a run to be a pipeline run, got position: \`${parent}\``;
      throw new MillraceError("VALUE_INVALID", message);
    }
    return [{ parent: position, child: parent, policy: "continue" as const }];
  });
}

function assertPosition(runs: readonly NewRun[], position: number): void {
  if (runs[position] !== undefined) return;
  throw new MillraceError(
    "VALUE_INVALID",
    `expected a position of the submission's \`${runs.length}\` runs, got: \`${position}\``,
  );
}

function assertDistinct(edges: readonly PreparedEdge[], runCount: number): void {
  const seen = new Set<number>();
  for (const { parent, child } of edges) {
    const key = parent * runCount + child;
    if (seen.has(key)) {
      throw new MillraceError("VALUE_INVALID", `expected edges to differ, got twice: \`${parent} → ${child}\``);
    }
    seen.add(key);
  }
}

// Kahn's algorithm: what is left over when nothing is free any more waits for itself.
function assertAcyclic(runs: readonly NewRun[], edges: readonly PreparedEdge[], pending: Uint32Array): void {
  const dependants = new Map<number, number[]>();
  for (const { parent, child } of edges) {
    const list = dependants.get(parent);
    if (list === undefined) dependants.set(parent, [child]);
    else list.push(child);
  }
  const left = Uint32Array.from(pending);
  const free = runs.map((_, position) => position).filter((position) => left[position] === 0);
  for (const parent of free) {
    for (const child of dependants.get(parent) ?? []) {
      left[child] = (left[child] ?? 0) - 1;
      if (left[child] === 0) free.push(child);
    }
  }
  if (free.length === runs.length) return;
  const stuck = runs.filter((_, position) => (left[position] ?? 0) > 0).map((run) => `\`${run.job}\``);
  throw new MillraceError("PIPELINE_CYCLE", `runs wait for each other: ${stuck.slice(0, 10).join(", ")}`);
}

function encodeParams(run: NewRun): string {
  const json = JSON.stringify(run.params);
  const bytes = Buffer.byteLength(json);
  if (bytes <= maxParamsBytes) return json;
  throw new MillraceError(
    "PARAMS_INVALID",
    `expected params of \`${run.job}\` to be at most \`${maxParamsBytes}\` bytes, got: \`${bytes}\``,
    { hint: "put large inputs into a file or dataset and pass its name" },
  );
}
