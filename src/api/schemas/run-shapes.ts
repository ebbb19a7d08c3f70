// The shapes of runs that answers of several resources are made of.
import { z } from "zod";
import type { DatasetLocationView } from "../datasets/dataset.ts";
import type { RequestTotals } from "../request.ts";
import type { Loose } from "../route-schemas.ts";
import type {
  Attempt,
  ComputedElsewhere,
  DatasetUse,
  Progress,
  Run,
  RunAction,
  RunCheck,
  RunDetail,
  RunError,
} from "../run.ts";
import type { RunState } from "../../core/job/run-state.ts";
import { metricValue } from "./figures.ts";
import { instantField, jsonField, runIdField, runReasonField, runStateField, runStates } from "./fields.ts";

const runActions: readonly RunAction[] = ["start", "stop", "pause", "resume", "retry", "rerun"];

export const runActionText: z.ZodType<RunAction> = z.enum(runActions).meta({ id: "RunAction" });

export const nullableNumber: z.ZodType<number | null> = z.number().nullable();

export const nullableInstant: z.ZodType<string | null> = instantField.nullable();

export const runWindow: z.ZodType<{ from: string; to: string }> = z.object({ from: z.string(), to: z.string() });

/** How many runs there are of each state; states without one are left out. */
export const countsByState: z.ZodType<Readonly<Partial<Record<RunState, number>>>> = z.partialRecord(
  z.enum(runStates),
  z.int(),
);

export const runProgress: z.ZodType<Progress> = z
  .object({
    percent: nullableNumber.describe("0 to 100; null while the total is unknown"),
    operation: z.string().nullable(),
    done: nullableNumber,
    total: nullableNumber,
    rate: nullableNumber.describe("records per second"),
    eta: z.object({ p50: instantField, p90: instantField }).nullable(),
  })
  .meta({ id: "Progress" });

export const runError: z.ZodType<RunError> = z
  .object({
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    disposition: z.enum(["retry", "fail", "skip", "cancel"]),
    origin: z.enum(["config", "user-code", "upstream", "millrace"]),
    error_class: z.string().nullable(),
    fingerprint: z.string(),
    causes: z.array(z.string()),
  })
  .meta({ id: "RunError" });

/** Fields of a run, for the shapes that have more. */
const runFields = {
  run_id: runIdField,
  job_name: z.string(),
  kind: z.enum(["job", "pipeline"]),
  parent_run_id: runIdField.nullable(),
  root_run_id: runIdField,
  state: runStateField,
  reason: runReasonField.nullable(),
  attempt: z.int(),
  params: jsonField,
  window: runWindow.nullable(),
  tenant: z.string(),
  created_by: z.string(),
  created_at: instantField,
  started_at: nullableInstant,
  finished_at: nullableInstant,
  due_at: nullableInstant,
  duration_ms: nullableNumber,
  late_since: nullableInstant.describe("since when it should have finished"),
  progress: runProgress.nullable(),
  error: runError.nullable(),
  written: z
    .object({ rows: nullableNumber, changed: z.boolean().nullable(), quarantined: nullableNumber })
    .nullable()
    .describe("what its result states about the rows that it wrote"),
} as const;

export const runShape: z.ZodType<Loose<Run>> = z
  .object({ ...runFields, result: jsonField.describe("of a list only where that was asked for").optional() })
  .meta({ id: "Run" });

const attempt: z.ZodType<Loose<Attempt>> = z
  .object({
    attempt: z.int(),
    epoch: z.int(),
    worker: z.string(),
    started_at: instantField,
    ended_at: nullableInstant,
    end: z.string().nullable(),
    error: runError.nullable(),
    code: z.string().nullable().describe("fingerprint of the code that ran"),
    metrics: z
      .object({
        cpu_ms: nullableNumber,
        peak_memory_bytes: nullableNumber,
        network_bytes_in: nullableNumber,
        network_bytes_out: nullableNumber,
        store_calls: nullableNumber,
        store_ms: nullableNumber,
        shared: z.boolean(),
      })
      .nullable(),
  })
  .meta({ id: "Attempt" });

/** Where a version of a dataset lies. */
export const datasetLocation: z.ZodType<DatasetLocationView> = z
  .object({
    format: z.string(),
    path: z.string().describe("relative to the project"),
    version: z.int().nullable().describe("of a format that counts the versions of a table itself"),
    table: z.string().nullable().describe("of a database"),
  })
  .meta({ id: "DatasetLocation" });

const datasetUse: z.ZodType<DatasetUse> = z
  .object({
    dataset: z.string(),
    job_name: z.string(),
    version: z.int().nullable(),
    rows: nullableNumber,
    row_count: nullableNumber,
    changed: z.boolean().nullable(),
    locations: z.array(datasetLocation),
  })
  .meta({ id: "DatasetUse" });

const computedElsewhere: z.ZodType<ComputedElsewhere> = z
  .object({
    dataset: z.string(),
    job_name: z.string(),
    where: z.string().describe("which cluster, in which version, at which address"),
    operation: z.string().nullable().describe("by which the cluster knows the query"),
  })
  .meta({ id: "ComputedElsewhere" });

const runCheck: z.ZodType<RunCheck> = z
  .object({
    dataset: z.string(),
    job_name: z.string(),
    name: z.string(),
    severity: z.enum(["block", "warn", "quarantine"]),
    passed: z.boolean(),
    failing_rows: z.number(),
    detail: z.string(),
  })
  .meta({ id: "RunCheck" });

/** All requests of a run. */
export const requestTotals: z.ZodType<RequestTotals> = z
  .object({
    requests: z.int(),
    failed: z.int(),
    received_bytes: z.int(),
    kept: z.int().describe("how many of them can be listed"),
  })
  .meta({ id: "RequestTotals" });

/** What a run's page shows. */
export const runDetail: z.ZodType<Loose<RunDetail>> = z
  .object({
    ...runFields,
    environment: z.string().nullable().describe("the environment that it belongs to"),
    result: jsonField,
    worker: z.string().nullable(),
    children: countsByState.nullable(),
    first_failed_run_id: runIdField.nullable(),
    attempts: z.array(attempt),
    units: z.object({
      done: z.int(),
      failed: z.int(),
      failures: z.array(
        z.object({ run_id: runIdField, job_name: z.string(), key: z.string(), error: z.string().nullable() }),
      ),
    }),
    requests: requestTotals,
    inputs: z.array(datasetUse),
    outputs: z.array(datasetUse),
    computed: z.array(computedElsewhere).describe("rows that no worker has computed"),
    checks: z.array(runCheck),
    metrics: z.array(metricValue),
    warnings: z.array(z.object({ job_name: z.string(), message: z.string() })),
    quarantined: z.array(
      z.object({
        dataset: z.string(),
        job_name: z.string(),
        quarantine: z.string(),
        rows: z.int(),
        checks: z.array(z.object({ name: z.string(), rows: z.int() })),
      }),
    ),
    actions: z.array(runActionText),
    last_seq: z.int(),
  })
  .meta({ id: "RunDetail" });
