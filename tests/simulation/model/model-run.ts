// A run as the model believes it to be: built from what the store accepted, never from what the store says it holds.
import type { UpstreamFailurePolicy } from "../../../src/core/job/pipeline.ts";
import type { RunId } from "../../../src/core/run-id.ts";
import type { RunKind, Submission, WorkerId } from "../../../src/store/rows/run-records.ts";
import { parsePlan, type RunPlan } from "../world/run-plan.ts";

/** `free` is ready or scheduled: nothing but time, limits and a worker stands between it and a claim. */
export type ModelPlace = "waiting" | "free" | "parked" | "leased" | "ended";

export interface ModelRun {
  readonly id: RunId;
  readonly job: string;
  readonly kind: RunKind;
  readonly rootId: RunId;
  readonly parentId: RunId | undefined;
  readonly gates: readonly string[];
  runKey: string | undefined;
  readonly plan: RunPlan;
  readonly upstream: { readonly id: RunId; readonly policy: UpstreamFailurePolicy }[];
  readonly downstream: { readonly id: RunId; readonly policy: UpstreamFailurePolicy }[];
  place: ModelPlace;
  dueAtMs: number;
  epoch: number;
  /** Attempts that counted and ended. */
  attempts: number;
  /** Deaths of workers that had nothing else aboard. */
  losses: number;
  lease: { readonly epoch: number; readonly workerId: WorkerId; readonly sinceMs: number } | undefined;
  end:
    | { readonly state: "FINISHED" | "ERROR"; readonly reason: string | undefined; readonly epoch: number }
    | undefined;
  /** A person started it whatever it waited for. */
  isForced: boolean;
  /** A person asked for it to yield or end, at this time. */
  asked: { readonly action: "pause" | "stop"; readonly atMs: number } | undefined;
  checkpoint: string | undefined;
  readonly steps: Set<string>;
  readonly units: Set<string>;
}

/** The runs of an accepted submission, in its order. */
export function toModelRuns(submission: Submission, runIds: readonly RunId[], nowMs: number): ModelRun[] {
  const rootId = runIds[0] as RunId;
  const runs = submission.runs.map((run, position): ModelRun => ({
    id: runIds[position] as RunId,
    job: run.job,
    kind: run.kind,
    rootId,
    parentId: run.parent === undefined ? undefined : runIds[run.parent],
    gates: run.gates ?? [],
    runKey: position === 0 ? submission.runKey : undefined,
    plan: parsePlan(run.params),
    upstream: [],
    downstream: [],
    place: "free",
    dueAtMs: run.runAtMs ?? nowMs,
    epoch: 0,
    attempts: 0,
    losses: 0,
    lease: undefined,
    end: undefined,
    isForced: false,
    asked: undefined,
    checkpoint: undefined,
    steps: new Set(),
    units: new Set(),
  }));
  const connect = (parent: number, child: number, policy: UpstreamFailurePolicy): void => {
    const [from, to] = [runs[parent], runs[child]];
    if (from === undefined || to === undefined) throw new RangeError(`no edge from ${parent} to ${child}`);
    from.downstream.push({ id: to.id, policy });
    to.upstream.push({ id: from.id, policy });
    to.place = "waiting";
  };
  for (const { parent, child, onUpstreamFailure } of submission.edges) connect(parent, child, onUpstreamFailure);
  // A pipeline sums up its members, however they ended.
  for (const [position, run] of submission.runs.entries()) {
    if (run.parent !== undefined) connect(position, run.parent, "continue");
  }
  return runs;
}
