// Everything the store knows about one run and the jobs in it, gathered for `millrace show`.
import { relative } from "node:path";
import type { App } from "../../app/app.ts";
import type { CheckResult } from "../../core/dataset/check.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import type { AttemptRecord, RunEvent, RunSummary } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { listJobsOf } from "./find-run.ts";
import { resultFields } from "../print/format-run.ts";

export interface RunDetails {
  readonly run: RunSummary;
  /** In order; the run itself when it is no pipeline. */
  readonly jobs: readonly RunSummary[];
  readonly datasets: readonly PublishedDataset[];
  readonly checks: readonly EvaluatedCheck[];
  readonly quarantined: readonly QuarantinedRows[];
  readonly warnings: readonly { readonly job: string; readonly message: string }[];
  /** Attempts of the run itself that have ended. */
  readonly attempts: readonly AttemptRecord[];
  readonly units: UnitsSummary;
  /** Of the run and its jobs, oldest first; only the last ones. */
  readonly events: readonly (RunEvent & { readonly job: string })[];
}

/** A dataset that a job of the run published, or found to be as it should be. */
export interface PublishedDataset {
  readonly dataset: string;
  readonly job: string;
  readonly version: number;
  /** Rows that the run wrote. */
  readonly rows: number;
  /** Rows in the dataset with that version. */
  readonly rowCount: number;
  /** False when the dataset had these rows already. */
  readonly changed: boolean;
  /** Relative to the project. */
  readonly locations: readonly LocationView[];
}

export interface LocationView {
  readonly format: string;
  readonly path: string;
  readonly version: number | null;
  readonly table: string | null;
}

export interface EvaluatedCheck extends CheckResult {
  readonly dataset: string;
  readonly job: string;
}

export interface QuarantinedRows {
  readonly dataset: string;
  readonly into: string;
  readonly rows: number;
  readonly checks: Readonly<Record<string, number>>;
}

export interface UnitsSummary {
  readonly done: number;
  readonly failed: number;
  /** The first few. */
  readonly failures: readonly { readonly job: string; readonly key: string; readonly error: string | null }[];
}

/** Reads the histories of all jobs of the run. */
export async function loadRunDetails(app: App, run: RunSummary): Promise<RunDetails> {
  const { store } = app;
  const jobs = await listJobsOf(store, run);
  const histories = await Promise.all(jobs.map(async (job) => ({ job, events: await listAllEvents(store, job) })));
  const own = run.kind === "job" ? [] : [{ job: run, events: await listAllEvents(store, run) }];
  const datasets = await Promise.all(histories.map((history) => listDatasetsOf(app, history)));
  return {
    run,
    jobs,
    datasets: datasets.flat(),
    checks: histories.flatMap(listChecks),
    quarantined: histories.flatMap(({ events }) => listQuarantined(events)),
    warnings: histories.flatMap(listWarnings),
    attempts: await store.listAttempts(run.id),
    units: await sumUnits(store, jobs),
    events: [...own, ...histories]
      .flatMap(({ job, events }) => events.map((event) => ({ ...event, job: job.job })))
      .toSorted((a, b) => a.atMs - b.atMs || a.runId - b.runId || a.seq - b.seq)
      .slice(-maxEvents),
  };
}

interface JobHistory {
  readonly job: RunSummary;
  readonly events: readonly RunEvent[];
}

const maxEvents = 10;
const maxUnitFailures = 10;
const pageSize = 1_000;

async function listAllEvents(store: Store, run: RunSummary): Promise<RunEvent[]> {
  const events: RunEvent[] = [];
  for (;;) {
    const page = await store.listEvents(run.id, events.length, pageSize);
    events.push(...page);
    if (page.length < pageSize) return events;
  }
}

// The event tells what was published. A result whose version has no event of this run names one that was there already.
async function listDatasetsOf(app: App, { job, events }: JobHistory): Promise<PublishedDataset[]> {
  const published = new Map<string, PublishedDataset>();
  for (const { dataset, version, rows, rowCount, locations } of dataOf<PublishedData>(events, "dataset_published")) {
    const views = locations.map((location) => viewLocation(app, location));
    published.set(dataset, { dataset, job: job.job, version, rows, rowCount, changed: true, locations: views });
  }
  const { dataset, version, rows } = resultFields(job.result);
  if (typeof dataset !== "string" || typeof version !== "number" || published.has(dataset))
    return [...published.values()];
  const found = await app.store.findDataset(dataset, version);
  if (found === undefined) return [...published.values()];
  const unchanged = {
    dataset,
    job: job.job,
    version,
    rows: typeof rows === "number" ? rows : 0,
    rowCount: found.rowCount,
    changed: found.runId === job.id,
    locations: found.locations.map((location) => viewLocation(app, toLocationData(location))),
  };
  return [unchanged, ...published.values()];
}

function listChecks({ job, events }: JobHistory): EvaluatedCheck[] {
  // A retried job evaluates its checks again; the last verdict counts.
  const latest = new Map<string, readonly CheckResult[]>();
  for (const { dataset, results } of dataOf<ChecksData>(events, "checks_evaluated")) latest.set(dataset, results);
  return [...latest].flatMap(([dataset, results]) => results.map((result) => ({ ...result, dataset, job: job.job })));
}

function listQuarantined(events: readonly RunEvent[]): QuarantinedRows[] {
  const latest = new Map<string, QuarantinedRows>();
  for (const each of dataOf<QuarantinedRows>(events, "quarantined")) latest.set(each.dataset, each);
  return [...latest.values()].filter(({ rows }) => rows > 0);
}

function listWarnings({ job, events }: JobHistory): { job: string; message: string }[] {
  return dataOf<{ message: string }>(events, "warning").map(({ message }) => ({
    job: job.job,
    message: String(message),
  }));
}

async function sumUnits(store: Store, jobs: readonly RunSummary[]): Promise<UnitsSummary> {
  let done = 0;
  let failed = 0;
  const failures: UnitsSummary["failures"][number][] = [];
  for (const job of jobs) {
    for (const unit of await store.loadUnits(job.id)) {
      if (unit.state === "done") done += 1;
      else failed += 1;
      if (unit.state === "failed" && failures.length < maxUnitFailures)
        failures.push({ job: job.job, key: unit.key, error: unit.error ?? null });
    }
  }
  return { done, failed, failures };
}

type PublishedData = Omit<PublishedDataset, "job" | "changed">;

interface ChecksData {
  readonly dataset: string;
  readonly results: readonly CheckResult[];
}

// The engine wrote these events itself, so their shape is known by their type.
function dataOf<Data extends object>(events: readonly RunEvent[], type: string): Data[] {
  return events
    .filter((event) => event.type === type && typeof event.data === "object" && event.data !== null)
    .map((event) => event.data as unknown as Data);
}

function toLocationData(location: DatasetLocation): LocationView {
  const { format, path, version = null, table = null } = location;
  return { format, path, version, table };
}

function viewLocation(app: App, location: LocationView): LocationView {
  return { ...location, path: relative(app.project.root, location.path) };
}
