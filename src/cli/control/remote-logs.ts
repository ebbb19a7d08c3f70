// The log of a run on a server, a page at a time.
import type { Clock } from "../../core/clock.ts";
import { parseRunId } from "../../core/run-id.ts";
import { isTerminal } from "../../core/job/run-state.ts";
import type { LogLine, LogsQuery } from "../../api/run.ts";
import type { ControlPlane } from "./control-plane.ts";
import type { RunLogLine } from "./run-logs.ts";

export interface RemoteLogsOptions {
  readonly runId: string;
  readonly level: NonNullable<LogsQuery["level"]>;
  /** Goes on until the run has ended. */
  readonly follow: boolean;
  readonly signal: AbortSignal;
  readonly clock: Pick<Clock, "sleep">;
}

const pageSize = 1_000;
const everyMs = 1_000;

/** In order of time. @throws MillraceError `RUN_UNKNOWN` | `SERVER_UNREACHABLE` */
export async function* readRemoteLogs(plane: ControlPlane, options: RemoteLogsOptions): AsyncGenerator<RunLogLine> {
  const { runId, level, follow, signal, clock } = options;
  const params = { run_id: runId };
  let after: string | undefined;
  while (!signal.aborted) {
    // Looked up before the lines are read: a log is complete once its run has ended.
    const isOver = !follow || isTerminal((await plane.call("showRun", { params })).state);
    const query = { level, limit: pageSize, ...(after === undefined ? {} : { after }) };
    const page = await plane.call("listRunLogs", { params, query });
    yield* page.items.map(toRunLogLine);
    after = page.items.at(-1)?.cursor ?? after;
    if (page.has_after) continue;
    if (isOver) return;
    await clock.sleep(everyMs, signal);
  }
}

function toRunLogLine({ run_id, job_name, at, level, message, fields }: LogLine): RunLogLine {
  return {
    runId: parseRunId(run_id),
    seq: 0,
    job: job_name,
    atMs: Date.parse(at),
    level,
    message,
    ...(fields === null ? {} : { fields }),
  };
}
