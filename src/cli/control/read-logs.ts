// The log of a run and of the runs in it, a page at a time; memory holds a page and the lines of the last seconds.
import type { Clock } from "../../core/clock.ts";
import { isTerminal } from "../../core/job/run-state.ts";
import type { LogLine, LogPage, LogsQuery } from "../../api/run.ts";
import type { ControlCalls } from "./control-plane.ts";
import { RecentLines } from "./recent-lines.ts";

export interface ReadLogsOptions {
  readonly level: NonNullable<LogsQuery["level"]>;
  /** Goes on until the run has ended or `signal` aborts. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "now" | "sleep">;
}

const pageSize = 1_000;
const firstPauseMs = 50;
const longestPauseMs = 1_000;

/** Each line once, in order of time; a line that was written late comes as soon as it is there. @throws MillraceError `RUN_UNKNOWN` */
export async function* readLogs(
  plane: ControlCalls,
  runId: string,
  { level, follow, signal, clock }: ReadLogsOptions,
): AsyncGenerator<LogLine> {
  const params = { run_id: runId };
  const recent = new RecentLines();
  let pauseMs = firstPauseMs;
  while (!signal.aborted) {
    // Looked up before the lines are read: a log is complete once its run has ended.
    const isOver = !follow || isTerminal((await plane.call("showRun", { params })).state);
    recent.forgetBefore(clock.now());
    let lines = 0;
    for await (const page of readPages(plane, runId, { level, after: recent.begin })) {
      const fresh = recent.keepFresh(page, clock.now());
      lines += fresh.length;
      yield* fresh;
      if (signal.aborted) return;
    }
    recent.endLook();
    if (isOver) return;
    pauseMs = lines > 0 ? firstPauseMs : Math.min(pauseMs * 1.5, longestPauseMs);
    await clock.sleep(pauseMs, signal);
  }
}

// All that is there now, from a place on.
async function* readPages(
  plane: ControlCalls,
  runId: string,
  { level, after }: { readonly level: ReadLogsOptions["level"]; readonly after: string | undefined },
): AsyncGenerator<LogPage> {
  for (let place = after; ;) {
    const query = { level, limit: pageSize, ...(place === undefined ? {} : { after: place }) };
    const page = await plane.call("listRunLogs", { params: { run_id: runId }, query });
    yield page;
    // A cursor that does not move would read the same page for ever.
    if (!page.has_after || page.after_cursor === null || page.after_cursor === place) return;
    place = page.after_cursor;
  }
}
