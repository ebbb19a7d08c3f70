// Whether what jobs collect is all there and new: for all of them at once, in a number of statements that does not grow with jobs.
import type { CollectedJob, Collection } from "../../../api/collection.ts";
import { formatRunId } from "../../../core/run-id.ts";
import { sourceLoop } from "../../../orchestrator/attempt/attempt-units.ts";
import type { RecentRun } from "../../../store/rows/recent-runs.ts";
import type { CollectionFacts, WatermarkRecord } from "../../../store/state/state-store.ts";
import type { Handlers } from "../../handler.ts";
import type { ServerServices } from "../../server-services.ts";
import { recentRunsOfJob } from "../../views/job-history.ts";
import { type DefinedJob, listDefinedJobs } from "../../views/load-job-overviews.ts";
import { toInstant, toInstantOrNull } from "../../views/to-instant.ts";
import { toJobUnits } from "../state/job-units.ts";
import { summarizeUnits } from "../state/unit-page.ts";
import { listConnections } from "./list-connections.ts";

const maxJobs = 200;
/** Parts of units of all jobs together; of jobs with more nothing is counted. */
const maxParts = 50_000;

export function createCollectionHandlers(services: ServerServices): Handlers<"listCollection"> {
  return { listCollection: () => loadCollection(services) };
}

async function loadCollection(services: ServerServices): Promise<Collection> {
  const { store } = services;
  const collecting = await listCollecting(services);
  const jobs = collecting.slice(0, maxJobs);
  const names = jobs.map(({ definition }) => definition.name);
  const [runs, facts, connections] = await Promise.all([
    store.listRecentRuns(names, recentRunsOfJob),
    store.readCollection({ jobs: names, loop: sourceLoop, limit: maxParts }),
    listConnections(services),
  ]);
  const runsOf = Map.groupBy(runs, ({ job }) => job);
  const finished = names.flatMap((name) => findFinished(runsOf.get(name))?.runId ?? []);
  const kept = new Map((await store.listKeptAnswers(finished)).map(({ runId, sinceMs }) => [runId, sinceMs]));
  const unitsOf = createUnitFacts(facts);
  const used = new Set(jobs.flatMap(connectionsOf));
  return {
    items: jobs.map((job) => toCollected(job, runsOf.get(job.definition.name) ?? [], { unitsOf, kept })),
    connections: connections.filter(({ connection }) => used.has(connection)),
    truncated: collecting.length > maxJobs,
  };
}

/** By name. */
async function listCollecting(services: ServerServices): Promise<readonly DefinedJob[]> {
  const jobs = listDefinedJobs(services).filter(({ definition }) => definition.kind === "job");
  const inUnits = new Set(await services.store.listUnitJobs(jobs.map(({ definition }) => definition.name)));
  return jobs.filter((job) => connectionsOf(job).length > 0 || inUnits.has(job.definition.name));
}

function connectionsOf({ definition }: DefinedJob): readonly string[] {
  return definition.kind === "job" ? definition.connections : [];
}

type UnitFacts = Pick<CollectedJob, "coverage" | "last_read_at">;

function createUnitFacts({ watermarks, failures, uncounted }: CollectionFacts): (job: string) => UnitFacts {
  const marksOf = Map.groupBy(watermarks, ({ job }) => job);
  const failuresOf = Map.groupBy(failures, ({ job }) => job);
  const tooMany = new Set(uncounted);
  return (job) => {
    const marks = marksOf.get(job) ?? [];
    const isCounted = !tooMany.has(job);
    return {
      coverage: isCounted ? summarizeUnits(toJobUnits(marks, failuresOf.get(job) ?? [])) : null,
      last_read_at: isCounted ? toInstantOrNull(newestOf(marks)) : null,
    };
  };
}

function newestOf(marks: readonly WatermarkRecord[]): number | undefined {
  return marks.reduce<number | undefined>((newest, { atMs }) => Math.max(newest ?? atMs, atMs), undefined);
}

function findFinished(runs: readonly RecentRun[] = []): RecentRun | undefined {
  return runs.find(({ state, reason }) => state === "FINISHED" && reason !== "skipped");
}

interface JobFacts {
  readonly unitsOf: (job: string) => UnitFacts;
  readonly kept: ReadonlyMap<number, number>;
}

/** @param runs the newest first */
function toCollected(job: DefinedJob, runs: readonly RecentRun[], { unitsOf, kept }: JobFacts): CollectedJob {
  const { name } = job.definition;
  const [newest] = runs;
  const finished = findFinished(runs);
  const staleMs = finished === undefined ? undefined : kept.get(finished.runId);
  return {
    job_name: name,
    pipelines: job.pipelines,
    connections: connectionsOf(job),
    state: newest?.state ?? "NOT_STARTED",
    reason: newest?.reason ?? null,
    last_run_id: newest === undefined ? null : formatRunId(newest.runId),
    last_run_at: toInstantOrNull(newest?.finishedAtMs),
    fresh_at: toInstantOrNull(finished?.finishedAtMs),
    ...unitsOf(name),
    stale_since: staleMs === undefined ? null : toInstant(staleMs),
  };
}
