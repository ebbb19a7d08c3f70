// Ends runs because a person asked for it. The caller has taken them out of their hot tables.
import type { Script } from "../rows/script.ts";
import { endStopped, type StoppedRun } from "./end-stopped.ts";
import { wakeDependants } from "./wake-dependants.ts";

/** To those that wait for it a stopped run has failed. */
export function* stopRuns(
  stopped: readonly StoppedRun[],
  reason: "stopped" | "force_stopped",
  nowMs: number,
): Script<void> {
  if (stopped.length === 0) return;
  yield* endStopped(stopped, reason, nowMs);
  yield* wakeDependants(
    stopped.filter(({ run }) => run.hasChildren === 1).map(({ run: { runId } }) => ({ runId, verdict: "failed" })),
    nowMs,
  );
}
