// Schemas of jobs and pipelines: the home screen, a job's page, its grid and metrics, and what people ask of it.
import { z } from "zod";
import type { JobDetail, JobOverview, JobsQuery } from "../job.ts";
import { lateness } from "./figures.ts";
import { explanation } from "./runs.ts";
import type { Loose, SchemasOf } from "../route-schemas.ts";
import {
  instantField,
  jobNameField,
  jobParams,
  jsonField,
  pageOf,
  pageQueryFields,
  paramsField,
  queryBooleanField,
  runIdField,
  runReasonField,
  runStateField,
  searchTextField,
  windowEdgeField,
} from "./fields.ts";
import { nullableInstant, nullableNumber } from "./run-shapes.ts";
import { actionRequest, actionResult, startRequest, startResult } from "./runs.ts";

const jobKind = z.enum(["job", "pipeline"]);

const layer = z.enum(["bronze", "silver", "gold"]).nullable();

const overviewFields = {
  job_name: z.string(),
  kind: jobKind,
  description: z.string().nullable(),
  pipelines: z.array(z.string()),
  state: runStateField,
  reason: runReasonField.nullable(),
  paused: z.object({ by: z.string(), reason: z.string().nullable(), at: instantField }).nullable(),
  running: z.int(),
  pending: z.int(),
  outcomes: z.array(
    z.object({
      run_id: runIdField.nullable(),
      state: z.union([runStateField, z.enum(["MISSED", "OVERLAPPED"])]),
      reason: runReasonField.nullable(),
      at: instantField,
      duration_ms: nullableNumber,
    }),
  ),
  schedule: z.object({ timing: z.string(), paused: z.boolean(), next_fire_at: nullableInstant }).nullable(),
  late: lateness.nullable(),
  p50_ms: nullableNumber,
  p95_ms: nullableNumber,
  deviation: nullableNumber.describe("duration of the last finished run as a multiple of p50"),
  fresh_at: nullableInstant,
  rows: nullableNumber,
  last_run_id: runIdField.nullable(),
  current: z.object({ run_id: runIdField, percent: nullableNumber, eta_p50: nullableInstant }).nullable(),
} as const;

const definitionFields = {
  purpose: z.string().nullable(),
  layer,
  file: z.string().nullable(),
  inputs: z.array(z.string()),
  outputs: z.array(z.string()),
  retry: z.object({ attempts: z.int(), description: z.string() }),
  timeout_ms: nullableNumber,
  sla: z.string().nullable().describe("by when its runs are to have finished, in words"),
  members: z.array(z.string()).describe("jobs of a pipeline, each after those that it depends on"),
} as const;

const jobDefinition = z.object(definitionFields).meta({ id: "JobDefinition" });

/** A line of the home screen. */
export const jobOverview: z.ZodType<Loose<JobOverview>> = z
  .object({ ...overviewFields, definition: jobDefinition.describe("only where it was asked for").optional() })
  .meta({ id: "JobOverview" });

const jobDetail: z.ZodType<JobDetail> = z
  .object({
    ...overviewFields,
    ...definitionFields,
    params_schema: jsonField.describe("JSON Schema of the params; null when it cannot be expressed"),
    concurrency: nullableNumber,
    connections: z.array(z.string()),
    isolation: z.string(),
    nodes: z.array(
      z.object({
        job_name: z.string(),
        purpose: z.string().nullable(),
        layer,
        depends_on: z.array(z.object({ job_name: z.string(), because: z.string().nullable() })),
        on_upstream_failure: z.enum(["cancel", "skip", "continue"]),
        inputs: z.array(z.string()),
        outputs: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: "JobDetail" });

const jobsQuery: z.ZodType<Loose<JobsQuery>> = z.strictObject({
  ...pageQueryFields,
  q: searchTextField.optional(),
  state: runStateField.describe("of the last run").optional(),
  members: queryBooleanField.describe("also jobs that are members of a pipeline; default true").optional(),
  definition: queryBooleanField.describe("each with what the project's files say about it").optional(),
});

const backfillRequest = z.strictObject({
  from: windowEdgeField,
  to: windowEdgeField,
  step: z.string().min(2).max(20).describe("such as `1d`; default: from fire to fire of the schedule").optional(),
  params: paramsField.describe("default: what the schedule gives its runs").optional(),
  parallelism: z.int().min(1).max(1_000).optional(),
  dry_run: z.boolean().describe("only say what would run").optional(),
});

const backfillResult = z
  .object({
    run_id: runIdField.nullable(),
    windows: z.array(z.object({ from: z.string(), to: z.string() })),
    count: z.int(),
    existing: z.int().describe("windows that have a run: finished and unfinished ones"),
    finished: z.int(),
    unfinished: z.int(),
    other_params: z.int().describe("of `count`, those that runs with other params have filled"),
    not_ended: z.int().describe("left out, since they end later than now"),
    skipped: z
      .array(z.object({ from: z.string(), to: z.string(), because: z.enum(["finished", "unfinished", "not_ended"]) }))
      .describe("windows left out, with why, at most 200"),
  })
  .meta({ id: "BackfillResult" });

const grid = z
  .object({
    job_names: z.array(z.string()),
    columns: z.array(
      z.object({
        run_id: runIdField,
        state: runStateField,
        created_at: instantField,
        duration_ms: nullableNumber,
        cells: z.array(
          z
            .object({
              run_id: runIdField,
              state: runStateField,
              reason: z.string().nullable(),
              duration_ms: nullableNumber,
            })
            .nullable(),
        ),
      }),
    ),
    next_cursor: z.string().nullable(),
  })
  .meta({ id: "Grid" });

const metrics = z
  .object({
    since: instantField,
    until: instantField,
    bucket_ms: z.number(),
    sampled_one_in: z.number(),
    times: z.array(instantField),
    finished: z.array(z.number()),
    failed: z.array(z.number()),
    records: z.array(z.number()),
    duration_p50_ms: z.array(nullableNumber),
    duration_p95_ms: z.array(nullableNumber),
    queue_p95_ms: z.array(nullableNumber),
    cpu_ms: z.array(z.number()),
    peak_memory_bytes: z.array(nullableNumber),
    network_bytes: z.array(z.number()),
    store_ms: z.array(z.number()),
    scatter: z.array(
      z.object({
        run_id: runIdField,
        job_name: z.string(),
        at: instantField,
        duration_ms: z.number(),
        state: runStateField,
      }),
    ),
  })
  .meta({ id: "Metrics" });

const jobExplanation = z
  .object({
    job_name: z.string(),
    summary: z.string().describe("a sentence without its subject, the job"),
    details: z.array(z.string()),
    remedy: z.string().nullable(),
    run: explanation.nullable().describe("of its newest run"),
  })
  .meta({ id: "JobExplanation" });

const jobAction = { params: jobParams, body: actionRequest, response: actionResult } as const;

export const jobSchemas: SchemasOf<
  | "listJobs"
  | "showJob"
  | "explainJob"
  | "startJob"
  | "stopJob"
  | "pauseJob"
  | "resumeJob"
  | "backfillJob"
  | "showGrid"
  | "showMetrics"
> = {
  listJobs: { query: jobsQuery, response: pageOf(jobOverview) },
  showJob: { params: jobParams, response: jobDetail },
  explainJob: { params: jobParams, response: jobExplanation },
  startJob: { params: jobParams, body: startRequest, response: startResult },
  stopJob: jobAction,
  pauseJob: jobAction,
  resumeJob: jobAction,
  backfillJob: { params: jobParams, body: backfillRequest, response: backfillResult },
  showGrid: { params: jobParams, query: z.strictObject(pageQueryFields), response: grid },
  showMetrics: {
    query: z.strictObject({
      job: jobNameField.optional(),
      since: instantField.optional(),
      until: instantField.optional(),
    }),
    response: metrics,
  },
};
