// Ends runs because a person asked for it. The caller has taken them out of their hot tables.
import { MillraceError, toErrorRecord } from "../../core/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { Script } from "../script.ts";
import { appendEvents } from "./append-events.ts";
import { endRuns } from "./end-runs.ts";
import type { HotRun } from "./hot-runs.ts";
import { wakeDependants } from "./wake-dependants.ts";

export interface StoppedRun {
  readonly run: HotRun;
  readonly by: string;
  readonly why: string | null;
}

/** To those that wait for it a stopped run has failed. */
export function* stopRuns(
  stopped: readonly StoppedRun[],
  reason: "stopped" | "force_stopped",
  nowMs: number,
): Script<void> {
  if (stopped.length === 0) return;
  yield* endRuns(
    stopped.map(({ run, by, why }) => {
      const message = `run \`${formatRunId(run.runId)}\` was ${reason.replace("_", "-")} by ${by}${why === null ? "" : `: ${why}`}`;
      return { run, state: "ERROR", reason, error: toErrorRecord(new MillraceError("RUN_STOPPED", message)) };
    }),
    nowMs,
  );
  yield* appendEvents(
    stopped.map(({ run: { runId }, by, why }) => ({ runId, type: reason, data: { by, reason: why } })),
    nowMs,
  );
  yield* wakeDependants(
    stopped.filter(({ run }) => run.hasChildren === 1).map(({ run: { runId } }) => ({ runId, verdict: "failed" })),
    nowMs,
  );
}
