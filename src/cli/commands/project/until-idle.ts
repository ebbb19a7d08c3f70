// Waits until a project has nothing left to do. A store or a broker that is away meanwhile tells nothing, and is waited for.
import type { App } from "../../../app/app.ts";
import type { RunningScheduler } from "../../../app/start-scheduler.ts";
import type { RunningReplicas } from "../../../app/streams/start-replicas.ts";
import type { Clock } from "../../../core/clock.ts";
import { classifyError } from "../../../core/errors/classify-error.ts";

/** What works meanwhile. */
export interface IdleWatch {
  readonly app: Pick<App, "isIdle" | "listStuckBatches">;
  readonly replicas: Pick<RunningReplicas, "crashed">;
  readonly scheduler: Pick<RunningScheduler, "quietLooks">;
  readonly clock: Pick<Clock, "sleep">;
  readonly signal: AbortSignal;
}

const lookEveryMs = 250;
/** What one run starts is there before it ends, but batches of what it left in topics are made by a look that begins afterwards. */
const quietLooks = 2;

/**
 * Resolves when nothing is left, or when `signal` aborted. @returns batches that need a person, such as `sums/3`
 * @throws MillraceError what does not pass by itself
 */
export async function untilIdle({ app, replicas, scheduler, clock, signal }: IdleWatch): Promise<readonly string[]> {
  for (let since: number | undefined; !signal.aborted; await clock.sleep(lookEveryMs, signal)) {
    try {
      if (replicas.crashed.size === 0 && !(await app.isIdle())) {
        since = undefined;
        continue;
      }
      const quiet = scheduler.quietLooks();
      since = Math.min(since ?? quiet, quiet);
      if (quiet - since >= quietLooks) return await app.listStuckBatches();
    } catch (error) {
      if (classifyError(error).disposition !== "retry") throw error;
      since = undefined;
    }
  }
  return [];
}
