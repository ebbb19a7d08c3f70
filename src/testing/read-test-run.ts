// Gathers what a run and the runs in it have left.
import { quoteIdentifier } from "../compute/engine.ts";
import type { CheckResult } from "../core/dataset/check.ts";
import type { WatermarkValue } from "../core/dataset/watermark.ts";
import { MillraceError } from "../core/errors/errors.ts";
import type { Job } from "../core/job/job.ts";
import { formatRunId, type RunId } from "../core/run-id.ts";
import { runColumn } from "../data/datasets/quarantine/aside-columns.ts";
import type { RunEvent, RunSummary } from "../store/rows/run-records.ts";
import type { Store } from "../store/store.ts";
import type { TestClock } from "./test-clock.ts";
import type { TestAttempt, TestLogLine, TestMetric, TestRow, TestRun, TestSpawn } from "./test-run.ts";

export interface ReadTestRunInput {
  readonly store: Store;
  readonly clock: TestClock;
  readonly runId: RunId;
  /** Those that executed, by name. */
  readonly jobs: ReadonlyMap<string, Job>;
  /** Rows of a query over datasets. */
  readonly query: (sql: string, inputs: readonly string[]) => Promise<readonly TestRow[]>;
  /** The rows of a dataset that has credentials, for the test that has made them up. */
  readonly credentials: (dataset: string) => Promise<readonly TestRow[]>;
  /** What a job threw last. */
  readonly thrownBy: (job: string) => unknown;
}

/** More than a test looks at. */
const limit = 100_000;

export async function readTestRun(input: ReadTestRunInput): Promise<TestRun> {
  const { store, clock, runId } = input;
  const run = await findRun(store, runId);
  const members = run.kind === "job" ? [run] : await store.listRuns({ parentRunId: runId, limit });
  const endedAt = new Date(clock.now());
  const histories = await Promise.all(members.map(({ id }) => store.listEvents(id, 0, limit)));
  const events = histories.flat();
  const { output, quarantined } = await readDatasets(input, members, events);
  return {
    state: run.state,
    reason: run.reason,
    result: run.result,
    error: await toError(input, run, members),
    output,
    quarantined,
    checks: Object.fromEntries(dataOf<ChecksData>(events, "checks_evaluated").map((it) => [it.dataset, it.results])),
    warnings: dataOf<{ readonly message: string }>(events, "warning").map(({ message }) => message),
    logs: (await Promise.all(members.map((member) => readLogs(store, member)))).flat(),
    attempts: (await Promise.all(members.map((member) => readAttempts(store, member)))).flat(),
    spawned: await readSpawned(store, members),
    watermarks: await readWatermarks(store, members),
    metrics: (await Promise.all(members.map(({ id }) => readMetrics(store, id)))).flat(),
    endedAt,
  };
}

interface ChecksData {
  readonly dataset: string;
  readonly results: readonly CheckResult[];
}

/** The data layer writes these entries, so their form is known. */
function dataOf<Data>(events: readonly RunEvent[], type: string): Data[] {
  return events.filter((event) => event.type === type).map(({ data }) => data as Data);
}

async function findRun(store: Store, runId: RunId): Promise<RunSummary> {
  const run = await store.findRun(runId);
  if (run === undefined) throw new MillraceError("INTERNAL", `the store lost run \`${formatRunId(runId)}\``);
  return run;
}

async function readDatasets(
  { store, jobs, query, credentials }: ReadTestRunInput,
  members: readonly RunSummary[],
  events: readonly RunEvent[],
): Promise<Pick<TestRun, "output" | "quarantined">> {
  const declared = members.flatMap(({ job }) => jobs.get(job)?.outputs ?? []);
  const published = dataOf<{ readonly dataset: string }>(events, "dataset_published").map(({ dataset }) => dataset);
  const output: Record<string, readonly TestRow[]> = {};
  const quarantined: Record<string, readonly TestRow[]> = {};
  const ids = members.map(({ id }) => `'${formatRunId(id)}'`).join(", ");
  for (const name of new Set([...declared, ...published])) {
    const version = await store.findDataset(name);
    if (version === undefined) continue;
    if (version.locations[0]?.format === "sealed") {
      output[name] = await credentials(name);
      continue;
    }
    const all = `SELECT * FROM ${quoteIdentifier(name)}`;
    const missingFrom = version.quarantineOf?.output.dataset;
    if (missingFrom === undefined) output[name] = await query(`${all} ORDER BY ALL`, [name]);
    else quarantined[missingFrom] = await query(`${all} WHERE ${runColumn} IN (${ids}) ORDER BY ALL`, [name]);
  }
  return { output, quarantined };
}

/** What a run logged. */
export async function readLogs(store: Store, { id, job }: RunSummary): Promise<TestLogLine[]> {
  const lines = await store.listLogs(id, 0, limit);
  return lines.map(({ level, message, fields }) => ({
    job,
    level,
    message,
    // The logger takes an object, and the store gives it back.
    fields: (fields ?? {}) as TestLogLine["fields"],
  }));
}

async function readMetrics(store: Store, runId: RunId): Promise<TestMetric[]> {
  const metrics = await store.listRunMetrics(runId);
  return metrics.map(({ job, name, value, unit, labels, breach }) => ({ job, name, value, unit, labels, breach }));
}

async function readAttempts(store: Store, { id, job }: RunSummary): Promise<TestAttempt[]> {
  const attempts = await store.listAttempts(id);
  return attempts.map(({ attempt, end, startedAtMs, error }) => ({
    job,
    attempt,
    end,
    startedAt: new Date(startedAtMs),
    error: error?.message,
  }));
}

async function readSpawned(store: Store, members: readonly RunSummary[]): Promise<TestSpawn[]> {
  const spawners = new Set(members.map(({ id }) => formatRunId(id)));
  const roots = await store.listRuns({ rootsOnly: true, limit });
  const spawned = roots.filter(({ createdBy }) => spawners.has(createdBy)).toReversed();
  return spawned.map(({ job, params, state, result }) => ({
    job,
    params: params as Readonly<Record<string, unknown>>,
    state,
    result,
  }));
}

async function readWatermarks(
  store: Store,
  members: readonly RunSummary[],
): Promise<Readonly<Record<string, WatermarkValue>>> {
  const found = await Promise.all([...new Set(members.map(({ job }) => job))].map((job) => store.listWatermarks(job)));
  return Object.fromEntries(found.flat().map(({ name, value }) => [name, value]));
}

// The error of the first job that failed by itself says more than that of the whole pipeline.
async function toError(
  { thrownBy }: ReadTestRunInput,
  run: RunSummary,
  members: readonly RunSummary[],
): Promise<MillraceError | undefined> {
  if (run.state !== "ERROR") return undefined;
  const failed = members.toReversed().find(({ state, reason }) => state === "ERROR" && reason !== "upstream_failed");
  const { job, error } = failed ?? run;
  const { code = "JOB_FAILED", message = `the run ended: ${run.reason ?? run.state}`, ...facts } = error ?? {};
  return new MillraceError(code, message, { ...facts, cause: thrownBy(job) });
}
