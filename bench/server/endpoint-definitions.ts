// The project whose history is looked at: 257 jobs and pipelines, named as browse-history.ts names its runs, of which 60 have
// schedules and 140 publish datasets.
import { defineJob, type Job } from "../../src/core/job/job.ts";
import { JobPipeline } from "../../src/core/job/pipeline.ts";
import type { ScheduleOptions } from "../../src/core/schedule/schedule.ts";
import { Definitions } from "../../src/project/definitions.ts";

export const pipelineCount = 10;
export const membersOfPipeline = 9;
/** Jobs with a schedule and a dataset, from `job_5` on. */
export const scheduledJobs = 50;
const jobCount = 100;
const idleJobs = 52;

/** Zones whose clocks change on different days, and one whose clock never does. */
const zones = ["Europe/Berlin", "America/New_York", "UTC", "Australia/Lord_Howe", "Asia/Kolkata"];

export function endpointDefinitions(): Definitions {
  const definitions = new Definitions();
  for (let place = 0; place < pipelineCount; place += 1) {
    definitions.add(definePipeline(place), `pipelines/pipeline_${place}.ts`);
  }
  definitions.add(new JobPipeline<string>("crowd").addJob(defineNoop("one_of_crowd")), "pipelines/crowd.ts");
  const names = ["loud", "parked", "queued", ...Array.from({ length: idleJobs }, (_, place) => `idle_${place}`)];
  for (const name of names) definitions.add(defineNoop(name), `jobs/${name}.ts`);
  for (let place = 0; place < jobCount; place += 1) definitions.add(defineNumbered(place), `jobs/job_${place}.ts`);
  return definitions;
}

function definePipeline(place: number): JobPipeline<string> {
  const timezone = zones[place % zones.length] ?? "UTC";
  const schedule = { cron: `${place * 5} 2 * * *`, timezone, overlap: "queue_one" } as const;
  let pipeline = new JobPipeline<string>(`pipeline_${place}`, { description: `Tables of source ${place}`, schedule });
  for (let step = 1; step <= membersOfPipeline; step += 1) {
    const job = defineJob({
      name: `step_${step}_of_${place}`,
      inputs: step === 1 ? [] : [`table_${step - 1}_of_${place}`],
      outputs: [`table_${step}_of_${place}`],
      connections: [`source_${place}`],
      execute: () => null,
    });
    pipeline = pipeline.addJob(job);
  }
  return pipeline;
}

function defineNumbered(place: number): Job {
  const name = `job_${place}`;
  if (place < 5 || place >= 5 + scheduledJobs) return defineNoop(name);
  return defineJob({
    name,
    description: `Reads source ${place % pipelineCount}`,
    inputs: [`table_9_of_${place % pipelineCount}`],
    outputs: [`${name}_rows`],
    connections: [`source_${place % pipelineCount}`, "warehouse"],
    schedule: scheduleOf(place),
    execute: () => null,
  });
}

function scheduleOf(place: number): ScheduleOptions {
  if (place % 3 === 0) return { every: "15m" };
  return { cron: place % 3 === 1 ? "7 * * * *" : "30 */4 * * *", timezone: zones[place % zones.length] ?? "UTC" };
}

function defineNoop(name: string): Job {
  return defineJob({ name, execute: () => null });
}
