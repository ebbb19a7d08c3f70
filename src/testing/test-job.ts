// One run of a job in a project of its own, for tests that look at nothing else.
import type { Job } from "../core/job/job.ts";
import type { JobPipeline } from "../core/job/pipeline.ts";
import type { TestJobOptions } from "./test-options.ts";
import { createTestProject } from "./test-project.ts";
import type { TestRun } from "./test-run.ts";

/**
 * Runs a job or a pipeline on rows in memory, with the real engine, and removes what it left.
 * @throws MillraceError the error that the run ended with, unless `onFailure` is `return`
 */
export async function testJob(target: Job | JobPipeline<string>, options: TestJobOptions = {}): Promise<TestRun> {
  await using project = await createTestProject(options);
  return await project.run(target, options);
}
