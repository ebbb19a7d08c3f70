// Random work: single runs and graphs with every policy, each run with a plan of its own.
import type { UpstreamFailurePolicy } from "../../../src/core/job/pipeline.ts";
import type { Json, NewEdge, NewRun, Submission } from "../../../src/store/rows/run-records.ts";
import { jobNames } from "./scripted-job.ts";
import type { PlannedEnd, RunPlan } from "./run-plan.ts";
import type { SimulationRandom } from "./simulation-random.ts";

export interface WorkloadOptions {
  readonly random: SimulationRandom;
  /** Gates that runs may have to pass. */
  readonly gates: readonly string[];
  readonly startMs: number;
  /** Submissions come within this time. */
  readonly spanMs: number;
  readonly submissions: number;
}

export interface PlannedSubmission {
  readonly afterMs: number;
  readonly submission: Submission;
}

const policies: readonly UpstreamFailurePolicy[] = ["cancel", "skip", "continue"];
const tenants = ["acme", "globex", "initech"];

/** What clients submit, and when. */
export function planWorkload({ random, gates, startMs, spanMs, submissions }: WorkloadOptions): PlannedSubmission[] {
  return Array.from({ length: submissions }, (_, index) => {
    const afterMs = Math.round(random.next() * spanMs);
    const context = { random, gates, nowMs: startMs + afterMs };
    const submission = random.chance(0.35) ? planPipeline(context) : { runs: [planRun(context, {})], edges: [] };
    // Some triggers are given twice with the same key, on purpose or because the first answer got lost.
    const runKey = random.chance(0.7) ? `key-${random.chance(0.2) ? random.integer(0, index) : index}` : undefined;
    return { afterMs, submission: runKey === undefined ? submission : { ...submission, runKey } };
  });
}

interface PlanContext {
  readonly random: SimulationRandom;
  readonly gates: readonly string[];
  readonly nowMs: number;
}

function planPipeline(context: PlanContext): Submission {
  const { random } = context;
  const members = random.integer(2, 5);
  const density = random.next();
  const runs: NewRun[] = [{ ...planRun(context, {}), job: "graph", kind: "pipeline", params: {} }];
  const edges: NewEdge[] = [];
  for (let child = 1; child <= members; child += 1) {
    runs.push(planRun(context, { parent: 0 }));
    const onUpstreamFailure = random.pick(policies);
    for (let parent = 1; parent < child; parent += 1) {
      if (random.chance(density)) edges.push({ parent, child, onUpstreamFailure });
    }
  }
  return { runs, edges };
}

function planRun({ random, gates, nowMs }: PlanContext, place: { readonly parent?: number }): NewRun {
  const run: NewRun = {
    job: random.pick(jobNames),
    kind: "job",
    params: planAttempts(random) as unknown as Json,
    tenant: random.pick(tenants),
    createdBy: "simulation",
    priority: random.chance(0.3) ? random.integer(-5, 5) : 0,
    ...place,
    ...(random.chance(0.15) ? { runAtMs: nowMs + random.durationMs(100, 20_000) } : {}),
  };
  const passed = gates.filter(() => random.chance(0.4));
  return passed.length === 0 ? run : { ...run, gates: passed };
}

function planAttempts(random: SimulationRandom): RunPlan {
  const some = (probability: number, max: number): number => (random.chance(probability) ? random.integer(1, max) : 0);
  return {
    steps: some(0.25, 3),
    checkpoints: some(0.4, 8),
    units: some(0.25, 6),
    unitConcurrency: random.integer(1, 3),
    snoozes: some(0.15, 2),
    workMs: random.durationMs(5, random.chance(0.15) ? 25_000 : 3_000),
    isStubborn: random.chance(0.1),
    ends: planEnds(random),
  };
}

function planEnds(random: SimulationRandom): PlannedEnd[] {
  const failures = Array.from({ length: random.chance(0.3) ? random.integer(1, 5) : 0 }, (): PlannedEnd => "transient");
  const last: PlannedEnd = random.chance(0.15) ? random.pick(["permanent", "cancel", "partial"]) : "finish";
  return [...failures, last];
}
