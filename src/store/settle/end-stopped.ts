// Writes down the end of runs that a person stopped. The caller has taken them out of their hot tables and wakes who waits.
import { MillraceError, toErrorRecord } from "../../core/errors/errors.ts";
import { formatRunId } from "../../core/run-id.ts";
import type { Script } from "../rows/script.ts";
import { appendEvents } from "../rows/append-events.ts";
import { endRuns } from "./end-runs.ts";
import type { HotRun } from "../rows/hot-runs.ts";

export interface StoppedRun {
  readonly run: HotRun;
  readonly by: string;
  readonly why: string | null;
}

/** ERROR with who stopped it and why. */
export function* endStopped(
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
    stopped.map(({ run: { runId }, by, why }) => ({
      runId,
      type: reason,
      data: why === null ? { by } : { by, reason: why },
    })),
    nowMs,
  );
}
