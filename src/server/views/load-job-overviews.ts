// The lines of the home screen: what a person looks at first of each job. The number of store calls does not grow with the
// number of jobs.
import type { JobOutcome, JobOverview } from "../../api/job.ts";
import type { Job } from "../../core/job/job.ts";
import type { JobPipeline } from "../../core/job/pipeline.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { RunState } from "../../core/job/run-state.ts";
import { describeTiming, isTrigger } from "../../core/schedule/schedule.ts";
import { parseScheduleDefinition } from "../../core/schedule/schedule-definition.ts";
import type { RecentRun } from "../../store/rows/recent-runs.ts";
import type { PausedJob } from "../../store/control/control-store.ts";
import type { Lateness } from "../../api/lateness.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import type { FireRecord, ScheduleRecord } from "../../store/schedules/schedule-store.ts";
import { recentRunsOfJob, toPastDurations } from "./job-history.ts";
import type { ServerServices } from "../server-services.ts";
import { toInstant, toInstantOrNull } from "./to-instant.ts";
import { loadLateness } from "./to-lateness.ts";
import { durationOf, toProgress } from "./runs/to-run.ts";

/** A job or pipeline with the pipelines that it is a member of. */
export interface DefinedJob {
  readonly definition: Job | JobPipeline<string>;
  readonly pipelines: readonly string[];
}

/**
 * In the order given. The last 30 runs of each job are looked at, and executing ones among the newest 500; of at most 20 jobs
 * whose last 30 runs all failed the one that finished before them is looked up.
 */
export async function loadJobOverviews(
  { store }: Pick<ServerServices, "store">,
  jobs: readonly DefinedJob[],
): Promise<readonly JobOverview[]> {
  if (jobs.length === 0) return [];
  const names = jobs.map(({ definition }) => definition.name);
  const [nowMs, recent, unfinished, paused, schedules, skipped, executing, late] = await Promise.all([
    store.readClockMs(),
    store.listRecentRuns(names, recentRunsOfJob),
    store.countUnfinished(maxCounted),
    store.listPausedJobs(),
    store.listSchedules(),
    store.listSkippedFires(names, recentRunsOfJob),
    store.searchRuns({ states: ["RUNNING"], limit: maxExecuting }),
    loadLateness(store, "job", names),
  ]);
  const recentOf = Map.groupBy(recent, ({ job }) => job);
  const unfinishedOf = Map.groupBy(unfinished, ({ job }) => job);
  const pausedOf = new Map(paused.map((pause) => [pause.job, pause]));
  const scheduleOf = new Map(schedules.map((schedule) => [schedule.name, schedule]));
  const finishedOf = await findFinishedBefore(store, recentOf);
  const skippedOf = Map.groupBy(skipped, ({ schedule }) => schedule);
  const executingOf = Map.groupBy(executing.runs, ({ job }) => job);
  return jobs.map((job) => {
    const { name } = job.definition;
    return toOverview(job, {
      nowMs,
      runs: recentOf.get(name) ?? [],
      finishedBefore: finishedOf.get(name),
      unfinished: unfinishedOf.get(name) ?? [],
      paused: pausedOf.get(name),
      schedule: scheduleOf.get(name),
      skipped: skippedOf.get(name) ?? [],
      executing: executingOf.get(name)?.[0],
      late: late.get(name) ?? null,
    });
  });
}

/** Lists the jobs of these definitions by name. */
export function listDefinedJobs({ definitions }: Pick<ServerServices, "definitions">): readonly DefinedJob[] {
  const { jobs, pipelines } = definitions();
  const memberOf = new Map<string, string[]>();
  for (const pipeline of pipelines.values()) {
    for (const { job } of pipeline.nodes()) memberOf.set(job.name, [...(memberOf.get(job.name) ?? []), pipeline.name]);
  }
  const definedPipelines = [...pipelines.values()].map((definition): DefinedJob => ({ definition, pipelines: [] }));
  const definedJobs = [...jobs.values()].map((definition): DefinedJob => {
    return { definition, pipelines: memberOf.get(definition.name) ?? [] };
  });
  return [...definedPipelines, ...definedJobs].toSorted((a, b) => (a.definition.name < b.definition.name ? -1 : 1));
}

/** Finds the last success of jobs that failed for long: how old their data is matters most then. */
async function findFinishedBefore(
  store: ServerServices["store"],
  recentOf: ReadonlyMap<string, readonly RecentRun[]>,
): Promise<ReadonlyMap<string, RunSummary | undefined>> {
  const failing = [...recentOf].filter(
    ([, runs]) => runs.length >= recentRunsOfJob && runs.every(({ state }) => state !== "FINISHED"),
  );
  const found = failing.slice(0, maxFailing).map(async ([job]): Promise<[string, RunSummary | undefined]> => {
    const { runs } = await store.searchRuns({ job, states: ["FINISHED"], limit: 1 });
    return [job, runs[0]];
  });
  return new Map(await Promise.all(found));
}

const maxCounted = 1_000;
const maxFailing = 20;
const maxExecuting = 500;

interface JobFacts {
  readonly nowMs: number;
  /** Newest first. */
  readonly runs: readonly RecentRun[];
  /** The last run that finished, when none of `runs` did and it was looked up. */
  readonly finishedBefore: RunSummary | undefined;
  readonly unfinished: readonly { readonly state: RunState; readonly count: number }[];
  readonly paused: PausedJob | undefined;
  readonly schedule: ScheduleRecord | undefined;
  readonly skipped: readonly FireRecord[];
  readonly executing: RunSummary | undefined;
  readonly late: Lateness | null;
}

function toOverview({ definition, pipelines }: DefinedJob, facts: JobFacts): JobOverview {
  const { runs, paused, unfinished } = facts;
  const newest = runs[0];
  const finished = runs.find(({ state }) => state === "FINISHED");
  const past = toPastDurations(runs);
  const durationMs = finished === undefined ? undefined : durationOf(finished);
  const countOf = (state: RunState): number => unfinished.find((entry) => entry.state === state)?.count ?? 0;
  return {
    job_name: definition.name,
    kind: definition.kind,
    description: definition.description ?? null,
    pipelines,
    state: newest?.state ?? "NOT_STARTED",
    reason: newest?.reason ?? null,
    paused: paused === undefined ? null : toPause(paused),
    running: countOf("RUNNING"),
    pending: countOf("PENDING"),
    outcomes: toOutcomes(facts),
    schedule: toSchedule(definition, facts.schedule),
    // A rule that the project no longer has says nothing.
    late: definition.sla === undefined ? null : facts.late,
    p50_ms: past?.p50Ms ?? null,
    p95_ms: past?.p95Ms ?? null,
    deviation: past === undefined || durationMs === undefined || past.p50Ms === 0 ? null : durationMs / past.p50Ms,
    fresh_at: toInstantOrNull((finished ?? facts.finishedBefore)?.finishedAtMs),
    rows: finished?.records ?? null,
    last_run_id: newest === undefined ? null : formatRunId(newest.runId),
    current: toCurrent(facts, past),
  };
}

function toPause({ by, reason, atMs }: PausedJob): JobOverview["paused"] {
  return { by, reason: reason ?? null, at: toInstant(atMs) };
}

// Runs and the fires that made none, as they came.
function toOutcomes({ runs, skipped }: JobFacts): readonly JobOutcome[] {
  const outcomes = [
    ...runs.map((run) => ({
      atMs: run.createdAtMs,
      outcome: {
        run_id: formatRunId(run.runId),
        state: run.state,
        reason: run.reason ?? null,
        duration_ms: durationOf(run) ?? null,
      },
    })),
    ...skipped.map(({ fireAtMs, decision }) => ({
      atMs: fireAtMs,
      outcome: {
        run_id: null,
        state: decision === "missed" ? "MISSED" : "OVERLAPPED",
        reason: null,
        duration_ms: null,
      } as const,
    })),
  ];
  return outcomes
    .toSorted((a, b) => a.atMs - b.atMs)
    .slice(-recentRunsOfJob)
    .map(({ atMs, outcome }) => ({ ...outcome, at: toInstant(atMs) }));
}

// The store has what a scheduler fires; before the first one has started there is the definition alone.
function toSchedule(
  { schedule: defined }: DefinedJob["definition"],
  saved: ScheduleRecord | undefined,
): JobOverview["schedule"] {
  const schedule = saved === undefined ? defined : (parseScheduleDefinition(saved.definition) ?? defined);
  // One that the project no longer has fires no more.
  if (defined === undefined || schedule === undefined) return null;
  const isPaused = saved?.paused ?? false;
  return {
    timing: describeTiming(schedule.timing),
    paused: isPaused,
    next_fire_at: isPaused || isTrigger(schedule.timing) ? null : toInstantOrNull(saved?.nextFireAtMs),
  };
}

function toCurrent({ executing, nowMs }: JobFacts, past: ReturnType<typeof toPastDurations>): JobOverview["current"] {
  if (executing === undefined) return null;
  const progress = toProgress(executing, { nowMs, pastOf: () => past });
  return {
    run_id: formatRunId(executing.id),
    percent: progress?.percent ?? null,
    eta_p50: progress?.eta?.p50 ?? null,
  };
}
