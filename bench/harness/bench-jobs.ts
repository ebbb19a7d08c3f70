// Jobs and pipelines of plain functions.
import { defineJob, type Job } from "../../src/core/job/job.ts";
import { JobPipeline } from "../../src/core/job/pipeline.ts";

/** `count` jobs that all do `work`; each reads what the one before writes. */
export function defineChain(name: string, count: number, work: () => unknown): Job[] {
  return Array.from({ length: count }, (_, index) =>
    defineJob({
      name: `${name}_${index}`,
      inputs: index === 0 ? [] : [`${name}_out_${index - 1}`],
      outputs: [`${name}_out_${index}`],
      execute: async () => {
        await work();
      },
    }),
  );
}

/** The edges come from the jobs' inputs and outputs. */
export function toPipeline(name: string, jobs: readonly Job[]): JobPipeline<string> {
  const pipeline = new JobPipeline<string>(name);
  for (const job of jobs) pipeline.addJob(job);
  return pipeline;
}
