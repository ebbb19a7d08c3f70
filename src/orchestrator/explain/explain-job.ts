// Why a job or pipeline starts when it does, or does not: its schedule, a pause, and its newest run. The answer of `why` for a name.
import type { JobStream } from "../../core/stream/job-stream.ts";
import type { FireRecord } from "../../store/schedules/schedule-store.ts";
import type { Store } from "../../store/store.ts";
import { explainLateness } from "./explain-lateness.ts";
import { explainRun, type RunExplanation } from "./explain-run.ts";
import { explainStreamJob } from "./explain-stream-job.ts";
import { explainSchedule } from "./explain-schedule.ts";
import type { WaitExplanation } from "./explain-wait.ts";
import { loadScheduleFacts } from "./schedule-facts.ts";

export interface JobExplanation extends WaitExplanation {
  /** Its newest run, whether it belongs to a pipeline run or not. */
  readonly run: RunExplanation | undefined;
}

type ExplainedStore = Pick<
  Store,
  | "findDataset"
  | "findExpectations"
  | "findRun"
  | "findWaitFacts"
  | "listActivity"
  | "listFires"
  | "listOpenBatches"
  | "listPausedJobs"
  | "listRuns"
  | "listSchedules"
  | "readClockMs"
  | "searchRuns"
>;

/**
 * @param isScheduled whether the project gives that name a schedule, and so fires the one that the store has
 * @param stream of a job that works through topics
 */
export async function explainJob(
  store: ExplainedStore,
  job: string,
  isScheduled: boolean,
  stream?: JobStream,
): Promise<JobExplanation> {
  const [schedules, paused, [newest], late] = await Promise.all([
    store.listSchedules(),
    store.listPausedJobs(),
    store.listRuns({ job, limit: 1 }),
    explainLateness(store, job),
  ]);
  const record = schedules.find(({ name }) => name === job);
  const pause = paused.find((one) => one.job === job);
  const starts =
    record !== undefined
      ? await explainOwn(store, record, isScheduled)
      : stream === undefined
        ? withoutSchedule(job, isScheduled)
        : await explainStreamJob(store, job, stream);
  const why = pause?.reason === undefined ? "" : `: ${pause.reason}`;
  const aside = pause === undefined ? [] : [`its runs are set aside, because ${pause.by} paused the job${why}`];
  const remedy = pause === undefined ? starts.remedy : `\`millrace resume ${job}\``;
  return {
    summary: starts.summary,
    details: [...late, ...aside, ...starts.details],
    ...(remedy === undefined ? {} : { remedy }),
    run: newest === undefined ? undefined : await explainRun(store, newest.id),
  };
}

type Schedules = Awaited<ReturnType<Store["listSchedules"]>>;

async function explainOwn(
  store: ExplainedStore,
  record: Schedules[number],
  isDefined: boolean,
): Promise<WaitExplanation> {
  const [[facts], fires] = await Promise.all([
    loadScheduleFacts(store, [record]),
    store.listFires(record.name, undefined, lookedAtFires),
  ]);
  if (facts === undefined) throw new RangeError("one schedule has its facts");
  const lastFire = fires.find(({ decision }) => decision === "run");
  const failedFires = facts.files === undefined ? [] : await findFailed(store, record.name, fires);
  const { summary, ...rest } = explainSchedule({ ...facts, isDefined, lastFire, failedFires });
  return { summary: `its schedule ${summary}`, ...rest };
}

async function findFailed(
  store: ExplainedStore,
  job: string,
  fires: readonly FireRecord[],
): Promise<readonly FireRecord[]> {
  const { runs } = await store.searchRuns({ job, states: ["ERROR"], rootsOnly: true, limit: lookedAtRuns });
  const failed = new Set(runs.map(({ id }) => id));
  return fires.filter(({ runId }) => runId !== undefined && failed.has(runId)).slice(0, toldFires);
}

/** The newest of these that made a run is told. */
const lookedAtFires = 20;
/** Failed runs that those fires are looked for in, and how many of them are told. */
const lookedAtRuns = 100;
const toldFires = 3;

// The store has what a scheduler fires; before the first one has started there is the definition alone.
function withoutSchedule(job: string, isScheduled: boolean): WaitExplanation {
  return isScheduled
    ? {
        summary: "has a schedule that no scheduler has taken up yet",
        details: [],
        remedy: "start `millrace server` or `millrace dev`",
      }
    : {
        summary: "has no schedule: it starts with a pipeline that it is in, or when somebody starts it",
        details: [],
        remedy: `\`millrace start ${job}\``,
      };
}
