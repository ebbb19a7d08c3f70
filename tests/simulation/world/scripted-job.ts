// The handler of simulated jobs: does what the run's plan says through the public context, as a user's job would.
import { z } from "zod";
import type { Clock } from "../../../src/core/clock.ts";
import { MillraceError } from "../../../src/core/errors/errors.ts";
import { defineJob, type Job } from "../../../src/core/job/job.ts";
import type { JobContext } from "../../../src/core/job/job-context.ts";
import { cancel, partial, snooze } from "../../../src/core/job/outcome.ts";
import { createJobRegistry, type JobRegistry } from "../../../src/orchestrator/attempt/job-registry.ts";
import { type RunPlan, parsePlan, plannedEnd } from "./run-plan.ts";

/** Names of the simulated jobs; the last has a timeout. */
export const jobNames = ["alpha", "beta", "gamma", "hasty"] as const;

const progressSchema = z.object({ snoozes: z.number(), done: z.number() });
type Progress = z.infer<typeof progressSchema>;

/**
 * A registry whose handlers live in the time of one process.
 * @param onChange told of 1 when a handler begins, of -1 when it has ended
 */
export function createScriptedRegistry(clock: Clock, onChange: (change: 1 | -1) => void): JobRegistry {
  const execute = (ctx: JobContext): Promise<unknown> => {
    onChange(1);
    return executePlan(ctx, clock).finally(() => onChange(-1));
  };
  return createJobRegistry(jobNames.map((name) => toJob(name, execute)));
}

function toJob(name: (typeof jobNames)[number], execute: (ctx: JobContext) => Promise<unknown>): Job {
  const retry = { maxRetries: 3, baseDelay: "1s", maxDelay: "5s" } as const;
  return defineJob({ name, retry, execute, ...(name === "hasty" ? { timeout: "20s" } : {}) });
}

async function executePlan(ctx: JobContext, clock: Clock): Promise<unknown> {
  const plan = parsePlan(ctx.params as never);
  const work = async (): Promise<void> => {
    await clock.sleep(plan.workMs, plan.isStubborn ? undefined : ctx.signal);
    if (!plan.isStubborn) ctx.signal.throwIfAborted();
  };
  await work();
  for (let step = 0; step < plan.steps; step += 1) await ctx.step(`step-${step}`, () => work().then(() => step));
  const progress = (await ctx.checkpoint.load(progressSchema)) ?? { snoozes: 0, done: 0 };
  if (progress.snoozes < plan.snoozes) {
    await ctx.checkpoint.save({ ...progress, snoozes: progress.snoozes + 1 } satisfies Progress);
    return snooze("2s");
  }
  for (let done = progress.done; done < plan.checkpoints; done += 1) {
    await work();
    await ctx.checkpoint.save({ ...progress, done: done + 1 } satisfies Progress);
  }
  const keys = Array.from({ length: plan.units }, (_, index) => `unit-${index}`);
  await ctx.each(keys, { key: (key) => key, concurrency: plan.unitConcurrency }, work);
  return endAttempt(plan, ctx.run.attempt);
}

function endAttempt(plan: RunPlan, attempt: number): unknown {
  const result = { steps: plan.steps, checkpoints: plan.checkpoints, units: plan.units };
  switch (plannedEnd(plan, attempt)) {
    case "finish":
      return result;
    case "partial":
      return partial(result, ["planned"]);
    case "cancel":
      return cancel("planned");
    case "transient":
      throw new MillraceError("JOB_FAILED_TRANSIENT", "planned transient failure");
    case "permanent":
      throw new MillraceError("JOB_FAILED", "planned permanent failure");
  }
}
