// Jobs that stand in for others: before the one under test, so that it finds their results, and after it, so that it may start them.
import { defineJob, type Job } from "../core/job/job.ts";
import { JobPipeline } from "../core/job/pipeline.ts";
import { forTest } from "./for-test.ts";

/** A job that gives back what was said; a function is called with the params of each run. */
export function standIn(name: string, result: unknown): Job {
  return defineJob({
    name,
    retry: { maxRetries: 0 },
    execute: ({ params }) => (typeof result === "function" ? (result(params) as unknown) : result),
  });
}

/** The job as the last of a pipeline whose others have these results; the job alone when there are none. */
export function withUpstream(job: Job, results: Readonly<Record<string, unknown>>): Job | JobPipeline<string> {
  const names = Object.keys(results);
  if (names.length === 0) return job;
  const pipeline = new JobPipeline<string>("upstream_of_test");
  for (const name of names) pipeline.addJob(standIn(name, results[name]));
  return pipeline.addJob(job, { dependsOn: names });
}

/** The job in the thread of the test, with a note of what it throws: the history of a run keeps messages, not stacks. */
export function observed(job: Job, onThrow: (thrown: unknown) => void): Job {
  return {
    ...job,
    isolation: "inline",
    execute: async (ctx) => {
      try {
        return await job.execute(ctx);
      } catch (thrown) {
        onThrow(thrown);
        throw forTest(thrown);
      }
    },
  };
}
