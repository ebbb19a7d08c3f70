// The public API: everything a job file imports from "millrace".
import { installPipelineRunner } from "./core/job/pipeline-runner.ts";

export { defineConfig, type MillraceConfig } from "./project/load-config.ts";
export type { Check, CheckResult, CheckRule, CheckSeverity } from "./core/dataset/check.ts";
export type {
  DatasetOutput,
  DatasetTargets,
  DatasetVersion,
  SchemaContract,
  WriteMode,
} from "./core/dataset/dataset.ts";
export { MillraceError, type Disposition, type ErrorOrigin, type MillraceErrorOptions } from "./core/errors/errors.ts";
export {
  defineJob,
  type Job,
  type JobDefinition,
  type JobIsolation,
  type JobLayer,
  type JobOptions,
  type JobPurpose,
} from "./core/job/job.ts";
export type {
  EachOptions,
  EachResult,
  JobCheckpoint,
  JobContext,
  JobWatermark,
  JobData,
  JobLogger,
  ProgressUpdate,
  PublishRequest,
  PublishResult,
  RunInfo,
  SpawnedRun,
  SpawnOptions,
  WaitForOptions,
} from "./core/job/job-context.ts";
export { cancel, done, partial, snooze, type JobOutcome } from "./core/job/outcome.ts";
export { JobPipeline, type AddJobOptions, type PipelineNode, type UpstreamFailurePolicy } from "./core/job/pipeline.ts";
export type { RunReport } from "./core/job/pipeline-runner.ts";
export type { ErrorClass } from "./core/errors/error-class.ts";
export type {
  RecoveryOptions,
  RecoveryTierOptions,
  RetryCondition,
  RetryPolicyOptions,
} from "./core/recovery/retry-policy.ts";
export type { CronScheduleOptions, IntervalScheduleOptions, ScheduleOptions } from "./core/schedule/schedule.ts";
export type { WatermarkValue } from "./core/dataset/watermark.ts";
export type { Window } from "./core/schedule/window.ts";
export { integrationJob, type IntegrationJobDefinition } from "./data/jobs/integration-job.ts";
export { sqlJob, type SqlJobDefinition } from "./data/jobs/sql-job.ts";
export { enqueue, type EnqueuedRun, type EnqueueOptions } from "./app/enqueue.ts";
/** The schema library of configs, params and checkpoints. */
export { z } from "zod";

installPipelineRunner(async (pipeline, params) => {
  const { runPipeline } = await import("./app/app.ts");
  return runPipeline(pipeline, params);
});
