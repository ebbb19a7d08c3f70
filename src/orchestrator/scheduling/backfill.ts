// Backfill over a store: what is planned is what is submitted, however many plan at once. Each plan is a look without locks;
// the store refuses a submission when one of its windows has got a run since, and then it is planned anew.
import { parseDuration } from "../../core/duration.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { Job } from "../../core/job/job.ts";
import type { JobPipeline } from "../../core/job/pipeline.ts";
import { isTrigger } from "../../core/schedule/schedule.ts";
import type { Window } from "../../core/schedule/window.ts";
import type { Json, SubmitResult } from "../../store/rows/run-records.ts";
import type { Store } from "../../store/store.ts";
import { type BackfillPlan, planBackfill, toBackfillSubmission } from "./plan-backfill.ts";

export interface BackfillScope {
  readonly range: Window;
  /** Length of a window; default: from fire to fire of the schedule. */
  readonly step?: string;
  /** Default: what the schedule gives its runs, so that a backfill fills the windows of the schedule. */
  readonly params?: Readonly<Record<string, Json>>;
}

export interface BackfillCall extends BackfillScope {
  /** Windows under way at once. */
  readonly parallelism: number;
  readonly createdBy: string;
}

export interface BackfillOutcome {
  /** As it was submitted. */
  readonly plan: BackfillPlan;
  /** Left out when nothing is missing any more. */
  readonly submitted?: SubmitResult;
}

/** What the runs of a backfill get. */
export function backfillParams(
  { schedule }: Job | JobPipeline<string>,
  { params }: Pick<BackfillScope, "params">,
): Readonly<Record<string, Json>> {
  return params ?? schedule?.params ?? {};
}

/** Plans and submissions of backfills of one tenant. */
export class Backfills {
  readonly #store: Pick<Store, "listWindows" | "fillWindows">;
  readonly #tenant: string;

  constructor(store: Pick<Store, "listWindows" | "fillWindows">, tenant: string) {
    this.#store = store;
    this.#tenant = tenant;
  }

  /** What a backfill would run now. @throws MillraceError `VALUE_INVALID` as `planBackfill` does, and without a length of windows */
  async plan(target: Job | JobPipeline<string>, scope: BackfillScope): Promise<BackfillPlan> {
    const { name, schedule } = target;
    const { range, step } = scope;
    const timing = schedule === undefined || isTrigger(schedule.timing) ? undefined : schedule.timing;
    const by = step === undefined ? timing : { kind: "step" as const, stepMs: parseDuration(step, "step") };
    if (by === undefined) {
      throw new MillraceError("VALUE_INVALID", `\`${name}\` has no schedule to take the windows from`, {
        hint: "give the length of a window, such as `--step 1d`",
      });
    }
    const query = { job: name, tenant: this.#tenant, params: backfillParams(target, scope), range };
    return planBackfill({ name, range, by, existing: await this.#store.listWindows(query) });
  }

  /** Submits the missing windows as one run. @throws MillraceError as `plan` and `toBackfillSubmission` do */
  async run(
    target: Job | JobPipeline<string>,
    { parallelism, createdBy, ...scope }: BackfillCall,
  ): Promise<BackfillOutcome> {
    const options = { params: backfillParams(target, scope), parallelism, createdBy, tenant: this.#tenant };
    // A round fails only because somebody else filled one of its windows, so between them all get on.
    for (;;) {
      const plan = await this.plan(target, scope);
      if (plan.missing.length === 0) return { plan };
      const { submission, positions } = toBackfillSubmission(target, plan, options);
      const { submitted } = await this.#store.fillWindows(submission, positions);
      if (submitted !== undefined) return { plan, submitted };
    }
  }
}
