// What a test asks of datasets is asked by a run, so that it reads and writes them the way that jobs do.
import { defineJob } from "../core/job/job.ts";
import type { JobContext } from "../core/job/job-context.ts";
import { toSubmission } from "../orchestrator/submission/to-submission.ts";
import { observed } from "./stand-ins.ts";
import { testTenant, type TestWorker } from "./test-worker.ts";

/** What a handler does in a run of its own. @throws what it threw */
export async function within<T>(worker: TestWorker, work: (ctx: JobContext) => Promise<T>): Promise<T> {
  const done: T[] = [];
  let thrown: unknown;
  const job = defineJob({
    name: "given_by_test",
    retry: { maxRetries: 0 },
    execute: async (ctx) => void done.push(await work(ctx)),
  });
  const submission = toSubmission(job, { params: {}, tenant: testTenant, createdBy: "test" });
  const jobs = [observed(job, (error) => (thrown = error))];
  await worker.run(submission, { jobs, config: {}, signal: undefined });
  if (done.length === 0) throw thrown;
  return done[0] as T;
}
