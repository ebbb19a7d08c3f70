// Collects an organisation of GitHub: a pipeline whose members are the streams and what follows from them. A repository that fails
// holds up no other, and only it is asked again.
import { JobPipeline } from "../../core/job/pipeline.ts";
import { withNotices } from "../document/with-notices.ts";
import { createChecks } from "./checks.ts";
import { createDerived } from "./derived.ts";
import { type GithubJobOptions, readOptions } from "./options.ts";
import { createStreams } from "./streams.ts";

/**
 * Defines the pipeline that collects repositories, pull requests, reviews, commits, deployments, releases and workflow runs into
 * datasets. Nothing that was collected is ever deleted; every run reads only what is new.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` naming the option
 */
export function githubJob(options: GithubJobOptions): JobPipeline<string> {
  const settings = readOptions(options);
  const { name, schedule, notices } = settings;
  const [repositories, ...streams] = createStreams(settings, createChecks(settings));
  const jobs = [
    ...(repositories === undefined ? [] : [withNotices(repositories, notices)]),
    ...streams,
    ...createDerived(settings),
  ];
  const pipeline: JobPipeline<string> = new JobPipeline(name, {
    description: "collects GitHub",
    ...(schedule === undefined ? {} : { schedule }),
  });
  for (const job of jobs) pipeline.addJob(job);
  return pipeline;
}
