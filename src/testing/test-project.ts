// A project that exists for one test: a temporary folder, a store, an engine and a clock that moves by itself.
import type { PlannedWork } from "../app/plan-work.ts";
import { MillraceError } from "../core/errors/errors.ts";
import { isFullRefresh, fullRefreshParam } from "../core/job/full-refresh.ts";
import { assertSample, limitParam } from "../core/job/sample.ts";
import type { Job } from "../core/job/job.ts";
import type { JobContext } from "../core/job/job-context.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import type { RunId } from "../core/run-id.ts";
import { toJson } from "../orchestrator/attempt/to-json.ts";
import { planRun } from "../orchestrator/submission/plan-run.ts";
import { toSubmission } from "../orchestrator/submission/to-submission.ts";
import type { Json } from "../store/rows/run-records.ts";
import { publishGiven } from "./given-datasets.ts";
import { readTestRun } from "./read-test-run.ts";
import { observed, standIn, withUpstream } from "./stand-ins.ts";
import { createTestClock } from "./test-clock.ts";
import type { GivenRows, TestPlanOptions, TestProjectOptions, TestRunOptions } from "./test-options.ts";
import type { TestRow, TestRun } from "./test-run.ts";
import { openTestWorld } from "./test-world.ts";
import { testTenant, type TestWorker } from "./test-worker.ts";
import { within } from "./within-run.ts";

/** For several runs that build on one another. Disposing it removes all that they left. */
export interface TestProject extends AsyncDisposable {
  /** Absolute path of its folder, which is gone with the project. */
  readonly root: string;
  /** Where the clock stands. */
  readonly now: Date;
  /** Moves the clock forward; a moment that has passed changes nothing. */
  skipTo(now: string | number | Date): void;
  /** Writes files of the project, by their path. */
  write(files: Readonly<Record<string, string | Uint8Array>>): Promise<void>;
  /** Publishes rows as the next version of a dataset, as a job of the project would have. */
  publish(dataset: string, rows: GivenRows): Promise<void>;
  /**
   * Runs a job or a pipeline to its end, through retries and durable waits.
   * @throws MillraceError `PARAMS_INVALID` | `CONFIG_INVALID` for a run that could not start, and the error that the run ended with
   *   unless `onFailure` is `return`
   */
  run(target: Job | JobPipeline<string>, options?: TestRunOptions): Promise<TestRun>;
  /** What `millrace plan` would tell of a run now. */
  plan(target: Job | JobPipeline<string>, options?: TestPlanOptions): Promise<readonly PlannedWork[]>;
  /** All rows of one `select` over the datasets that are named. */
  query(sql: string, inputs?: readonly string[]): Promise<readonly TestRow[]>;
}

/** Nothing outlives its disposal: `await using project = await createTestProject()`. @throws MillraceError `VALUE_INVALID` */
export async function createTestProject(options: TestProjectOptions = {}): Promise<TestProject> {
  const { jobs = [] } = options;
  const clock = createTestClock(options.now);
  const { worker, write, close } = await openTestWorld(options, clock);
  return {
    root: worker.root,
    get now() {
      return new Date(clock.now());
    },
    skipTo: (moment) => clock.skipTo(createTestClock(moment).now()),
    write,
    publish: (dataset, rows) => within(worker, (ctx) => publishGiven(ctx, dataset, rows)),
    run: (target, options = {}) => runInProject({ worker, jobs }, target, options),
    plan: async (target, options = {}) => {
      const { config = {}, window } = options;
      return await worker.plan(target, { params: toParams(options), window, config });
    },
    query: (sql, inputs = []) => within(worker, (ctx) => ctx.sql(sql, inputs)),
    [Symbol.asyncDispose]: close,
  };
}

interface ProjectParts {
  readonly worker: TestWorker;
  readonly jobs: readonly Job[];
}

async function runInProject(
  { worker, jobs }: ProjectParts,
  target: Job | JobPipeline<string>,
  options: TestRunOptions,
): Promise<TestRun> {
  const { config = {}, upstream = {}, spawns = {}, window, onFailure = "throw", signal } = options;
  const params = toParams(options);
  assertSample(params, jobsOf(target));
  planRun(target, params, (job) => config[job]);
  await prepare(worker, target, options);
  const thrown = new Map<string, unknown>();
  const whole = target.kind === "job" ? withUpstream(target, upstream) : target;
  const known = [...jobsOf(whole), ...jobs, ...Object.entries(spawns).map(([name, result]) => standIn(name, result))];
  const byName = new Map(known.map((job) => [job.name, observed(job, (error) => thrown.set(job.name, error))]));
  const submission = toSubmission(whole, { params, window, tenant: testTenant, createdBy: "test" });
  const { runKey: _everyTimeAnew, ...anew } = submission;
  const rootRunId = await worker.run(anew, { jobs: [...byName.values()], config, signal });
  const run = await readTestRun({
    ...worker,
    runId: await findRunOf(worker, rootRunId, target.name),
    jobs: byName,
    query: (sql, inputs) => within(worker, (ctx) => ctx.sql(sql, inputs)),
    credentials: (dataset) => within(worker, (ctx) => readCredentials(ctx, dataset)),
    thrownBy: (job) => thrown.get(job),
  });
  if (run.error !== undefined && onFailure === "throw") throw run.error;
  return run;
}

/** Nothing for a credential that was taken away, because it could not be renewed. */
async function readCredentials({ data }: Pick<JobContext, "data">, dataset: string): Promise<readonly TestRow[]> {
  try {
    return await data.credentials(dataset);
  } catch (error) {
    if (error instanceof MillraceError && error.code === "SOURCE_MISSING") return [];
    throw error;
  }
}

async function prepare(
  worker: TestWorker,
  { name }: Job | JobPipeline<string>,
  { inputs = {}, watermarks = {} }: TestRunOptions,
): Promise<void> {
  const given = Object.entries(inputs);
  for (const [dataset, rows] of given) await within(worker, (ctx) => publishGiven(ctx, dataset, rows));
  for (const [watermark, value] of Object.entries(watermarks)) {
    const key = { job: name, tenant: testTenant, name: watermark };
    const seenVersion = (await worker.store.findWatermark(key))?.version ?? 0;
    await worker.store.setWatermark({ ...key, seenVersion, value, by: "test", reason: "given by the test" });
  }
}

function toParams({
  params = {},
  isFullRefresh: isFull = false,
  sampleRows,
}: TestRunOptions): Readonly<Record<string, Json>> {
  const json = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, toJson(value)]));
  const refresh = isFull && !isFullRefresh(json) ? { [fullRefreshParam]: true } : {};
  return { ...json, ...refresh, ...(sampleRows === undefined ? {} : { [limitParam]: sampleRows }) };
}

function jobsOf(target: Job | JobPipeline<string>): readonly Job[] {
  return target.kind === "job" ? [target] : target.nodes().map(({ job }) => job);
}

/** The run of the name itself or, below a pipeline that was made for its upstream results, that of the job. */
async function findRunOf({ store }: TestWorker, rootRunId: RunId, name: string): Promise<RunId> {
  const root = await store.findRun(rootRunId);
  if (root === undefined || root.job === name) return rootRunId;
  const members = await store.listRuns({ parentRunId: rootRunId, limit: 1_000 });
  return members.find(({ job }) => job === name)?.id ?? rootRunId;
}
