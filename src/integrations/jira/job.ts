// Collects a Jira: a pipeline whose members are the streams and what follows from them. A project that fails holds up no other, and
// only it is asked again.
import { type AddJobOptions, JobPipeline } from "../../core/job/pipeline.ts";
import { withNotices } from "../document/with-notices.ts";
import { createDerived } from "./derived.ts";
import { type JiraJobOptions, readOptions } from "./options.ts";
import { createStreams } from "./streams.ts";
import { createWorkflowMapping } from "./workflow-mapping.ts";

/**
 * Defines the pipeline that collects projects, boards, sprints, issues with their changelogs, statuses, workflows and users of a Jira
 * into datasets. Nothing that was collected is ever deleted: an issue that is gone says so. Every run reads only what is new.
 * @throws MillraceError `JOB_INVALID` | `VALUE_INVALID` naming the option
 */
export function jiraJob(options: JiraJobOptions = {}): JobPipeline<string> {
  const settings = readOptions(options);
  const { name, prefix, schedule, notices } = settings;
  const [projects, ...streams] = createStreams(settings);
  const jobs = [
    ...(projects === undefined ? [] : [withNotices(projects, notices)]),
    ...streams,
    ...createDerived(settings),
    createWorkflowMapping(settings),
  ];
  const pipeline: JobPipeline<string> = new JobPipeline(name, {
    description: "collects Jira",
    ...(schedule === undefined ? {} : { schedule }),
  });
  for (const job of jobs) pipeline.addJob(job, job.name === `${prefix}issue_records` ? afterCensus(prefix) : {});
  return pipeline;
}

/** Ids are counted before issues are read, so that one that was made between both is not taken for one that is gone. */
function afterCensus(prefix: string): AddJobOptions<string> {
  return { dependsOn: [`${prefix}census`], onUpstreamFailure: "continue" };
}
