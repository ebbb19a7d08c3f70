// The log lines of a run and the jobs in it, in order of time. Memory holds a page a job, not the log.
import type { Clock } from "../../core/clock.ts";
import type { RunId } from "../../core/run-id.ts";
import { isTerminal } from "../../core/job/run-state.ts";
import type { LogLine, RunSummary } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { listJobsOf } from "./find-run.ts";

export interface RunLogLine extends LogLine {
  readonly job: string;
}

/** What was written up to now, merged. Lines of one job keep their order; `read` remembers where each log ended. */
export async function* readLogs(
  store: Store,
  runs: readonly RunSummary[],
  read: Map<RunId, number> = new Map(),
): AsyncGenerator<RunLogLine> {
  const cursors = await Promise.all(runs.map(async (run) => openCursor(store, run, read)));
  for (;;) {
    let next: LogCursor | undefined;
    for (const cursor of cursors) {
      if (cursor.line !== undefined && isBefore(cursor.line, next?.line)) next = cursor;
    }
    if (next?.line === undefined) return;
    const { line } = next;
    read.set(line.runId, line.seq);
    await next.advance();
    yield line;
  }
}

export interface FollowOptions {
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "sleep">;
}

const firstPauseMs = 50;
const longestPauseMs = 1_000;

/** Goes on until the run has ended or `signal` aborts; asks at most once a second while nothing is written. */
export async function* followLogs(store: Store, run: RunSummary, options: FollowOptions): AsyncGenerator<RunLogLine> {
  const read = new Map<RunId, number>();
  const closed = new Set<RunId>();
  let pauseMs = firstPauseMs;
  while (!options.signal.aborted) {
    // Looked up before the lines are read: a log is complete once its run has ended.
    const latest = (await store.findRun(run.id)) ?? run;
    const jobs = await listLogged(store, latest);
    let lines = 0;
    for await (const line of readLogs(
      store,
      jobs.filter(({ id }) => !closed.has(id)),
      read,
    )) {
      lines += 1;
      yield line;
    }
    for (const job of jobs) if (isTerminal(job.state)) closed.add(job.id);
    if (isTerminal(latest.state)) return;
    pauseMs = lines > 0 ? firstPauseMs : Math.min(pauseMs * 1.5, longestPauseMs);
    await options.clock.sleep(pauseMs, options.signal);
  }
}

/** The runs whose logs belong together: a pipeline's own and those of its jobs. */
export async function listLogged(store: Store, run: RunSummary): Promise<readonly RunSummary[]> {
  const jobs = await listJobsOf(store, run);
  return run.kind === "job" ? jobs : [run, ...jobs];
}

interface LogCursor {
  /** The next line, or `undefined` at the end. */
  readonly line: RunLogLine | undefined;
  advance(): Promise<void>;
}

const pageSize = 200;

async function openCursor(store: Store, run: RunSummary, read: ReadonlyMap<RunId, number>): Promise<LogCursor> {
  let page: readonly LogLine[] = [];
  let index = 0;
  const load = async (afterSeq: number): Promise<void> => {
    page = await store.listLogs(run.id, afterSeq, pageSize);
    index = 0;
  };
  await load(read.get(run.id) ?? 0);
  return {
    get line() {
      const line = page[index];
      return line === undefined ? undefined : { ...line, job: run.job };
    },
    async advance() {
      const last = page[index];
      index += 1;
      if (index === pageSize && last !== undefined) await load(last.seq);
    },
  };
}

function isBefore(line: LogLine, other: LogLine | undefined): boolean {
  return other === undefined || line.atMs < other.atMs;
}
