// What a source has to do elsewhere when its rows are published, or never will be, such as deleting what was made for the run.
import { classifyError } from "../../core/errors/classify-error.ts";
import type { JobContext } from "../../core/job/job-context.ts";
import { recoveryPlan } from "../../core/recovery/recovery-plan.ts";
import { createRetryPolicy, type RetryPolicyOptions } from "../../core/recovery/retry-policy.ts";

/** Work that the source has asked for. */
export type SourceEnding = (() => Promise<void>)[];

/** Does the work, and gives the result or the error of the run. What goes wrong here is a warning. */
export async function finishingSource<T>(
  ctx: JobContext,
  ending: SourceEnding,
  retry: RetryPolicyOptions | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    const result = await work();
    await end(ctx, ending);
    return result;
  } catch (error) {
    if (isLast(ctx, error, retry)) await end(ctx, ending);
    throw error;
  }
}

async function end({ log }: JobContext, ending: SourceEnding): Promise<void> {
  for (const work of ending.splice(0)) {
    try {
      await work();
    } catch (error) {
      log.warn(`what was made for the run at the source is left there: ${classifyError(error).message}`);
    }
  }
}

/** Whether no attempt follows. A run that leaves its worker, or is stopped, goes on or has no right to do anything. */
function isLast({ run, signal }: JobContext, thrown: unknown, retry: RetryPolicyOptions | undefined): boolean {
  if (signal.aborted) return false;
  const error = classifyError(thrown);
  if (error.code.startsWith("RUN_") || error.code === "CONNECTION_BLOCKED") return false;
  return recoveryPlan(createRetryPolicy(retry), { attempt: run.attempt, error }, () => 0).action === "manual";
}
