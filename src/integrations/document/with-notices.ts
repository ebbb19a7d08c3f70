// Tells people what became of options that were accepted as they are written elsewhere, and mean something else or nothing here.
import type { Job } from "../../core/job/job.ts";

/** The same job, whose runs and plans tell the notices. */
export function withNotices<Told extends Job>(job: Told, notices: readonly string[]): Told {
  if (notices.length === 0) return job;
  const plan = job.plan === undefined ? undefined : job.plan.bind(job);
  return Object.freeze({
    ...job,
    execute: async (ctx: Parameters<Job["execute"]>[0]) => {
      for (const notice of notices) ctx.log.info(notice);
      return await job.execute(ctx);
    },
    ...(plan === undefined
      ? {}
      : {
          plan: async (ctx: Parameters<NonNullable<Job["plan"]>>[0]) => {
            const planned = await plan(ctx);
            return { ...planned, notes: [...planned.notes, ...notices] };
          },
        }),
  });
}
