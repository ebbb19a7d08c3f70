// Follows a run to its end through the store alone, so that it does not matter which process executes it.
import type { Clock } from "../../core/clock.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { isTerminal } from "../../core/job/run-state.ts";
import type { RunSummary } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";

export interface WaitForRunOptions {
  readonly signal?: AbortSignal;
  /** Called at the first look and the last, and about ten times a second in between. */
  readonly onChange?: (run: RunSummary) => Promise<void> | void;
}

const firstLookMs = 2;
// A look is one read of about 0.05 ms, so the end is noticed soon after it; telling may cost its listener more.
const slowestLookMs = 20;
const tellEveryMs = 100;

/** The run's last state. @throws MillraceError `RUN_UNKNOWN`, or the reason of `signal` */
export async function waitForRun(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  runId: RunId,
  { signal, onChange }: WaitForRunOptions = {},
): Promise<RunSummary> {
  let tellAtMs = clock.now();
  for (let waitMs = firstLookMs; ; waitMs = Math.min(waitMs * 1.5, slowestLookMs)) {
    signal?.throwIfAborted();
    const run = await store.findRun(runId);
    if (run === undefined) throw new MillraceError("RUN_UNKNOWN", `unknown run \`${formatRunId(runId)}\``);
    const ended = isTerminal(run.state);
    if (ended || clock.now() >= tellAtMs) {
      tellAtMs = clock.now() + tellEveryMs;
      await onChange?.(run);
    }
    if (ended) return run;
    await clock.sleep(waitMs, signal);
  }
}
