// Schemas of runs: lists, pages, histories, logs, and what people ask of a run.
import { z } from "zod";
import type { PageQuery } from "../page.ts";
import type { ActionRequest, ActionResult, Explanation, RunsQuery, StartRequest, StartResult } from "../run.ts";
import type { Loose, SchemasOf } from "../route-schemas.ts";
import {
  commaListField,
  cursorField,
  instantField,
  integerField,
  jobNameField,
  jsonField,
  pageOf,
  pageQueryFields,
  paramsField,
  queryBooleanField,
  reasonField,
  runIdField,
  runParams,
  runReasonField,
  runStateField,
  runStates,
  searchTextField,
  windowField,
} from "./fields.ts";
import { nullableInstant, nullableNumber, runDetail, runError, runShape } from "./run-shapes.ts";

const states = runStates.join("|");

/** Filters of the list of runs, without its page. */
export const runFilterFields: Readonly<
  Record<Exclude<keyof RunsQuery, keyof PageQuery | "children">, z.ZodOptional<z.ZodType<string>>>
> = {
  job: jobNameField.optional(),
  // The server names an unknown state with its nearest; the description says which there are.
  state: commaListField.meta({ pattern: `^(${states})(,(${states}))*$` }).optional(),
  since: instantField.describe("created at or after").optional(),
  until: instantField.describe("created before").optional(),
  not: commaListField.describe("names of jobs to leave out, separated by commas").optional(),
  q: searchTextField.describe("in the name of the job, the error or the params; or a run id").optional(),
  tenant: jobNameField.optional(),
  fingerprint: z.string().min(1).max(64).describe("of the error").optional(),
  parent: runIdField.optional(),
};

/** What a person may say with an action. */
export const actionRequest: z.ZodType<Loose<ActionRequest>> = z.strictObject({
  force: z.boolean().optional(),
  reason: reasonField.optional(),
});

export const actionResult: z.ZodType<ActionResult> = z
  .object({ changed: z.int(), requested: z.int() })
  .meta({ id: "ActionResult" });

/** A new run, with what a run is given. */
export const startRequest: z.ZodType<Loose<StartRequest>> = z.strictObject({
  force: z.boolean().describe("at once, ahead of others and although a run of it is unfinished").optional(),
  reason: reasonField.optional(),
  params: paramsField.optional(),
  window: windowField.optional(),
});

export const startResult: z.ZodType<StartResult> = z
  .object({ run_id: runIdField, created: z.boolean().describe("false when an unfinished run like it goes on") })
  .meta({ id: "StartResult" });

const runAction = { params: runParams, body: actionRequest, response: actionResult } as const;

const logLevel = z.enum(["debug", "info", "warn", "error"]);

const logFilterFields = {
  q: searchTextField.optional(),
  level: logLevel.describe("at least this level").optional(),
} as const;

export const explanation: z.ZodType<Explanation> = z
  .object({
    run_id: runIdField,
    job_name: z.string(),
    state: runStateField,
    summary: z.string(),
    details: z.array(z.string()),
    remedy: z.string().nullable(),
    get because(): z.ZodArray<z.ZodType<Explanation>> {
      return z.array(explanation);
    },
  })
  .meta({ id: "Explanation" });

const graph = z
  .object({
    nodes: z.array(
      z.object({
        run_id: runIdField,
        job_name: z.string(),
        state: runStateField,
        reason: runReasonField.nullable(),
        attempt: z.int(),
        created_at: instantField,
        ready_at: nullableInstant,
        spans: z.array(z.object({ started_at: instantField, ended_at: nullableInstant, end: z.string().nullable() })),
        percent: nullableNumber,
      }),
    ),
    edges: z.array(z.object({ from: runIdField, to: runIdField })),
    truncated: z.boolean(),
  })
  .meta({ id: "RunGraph" });

const event = z
  .object({
    run_id: runIdField,
    job_name: z.string(),
    seq: z.int(),
    type: z.string(),
    data: jsonField,
    at: instantField,
  })
  .meta({ id: "RunEvent" });

const logPage = z
  .object({
    items: z.array(
      z.object({
        cursor: z.string(),
        run_id: runIdField,
        job_name: z.string(),
        at: instantField,
        level: logLevel,
        message: z.string(),
        fields: jsonField,
      }),
    ),
    has_before: z.boolean(),
    has_after: z.boolean(),
    before_cursor: z.string().nullable(),
    after_cursor: z.string().nullable(),
  })
  .meta({ id: "LogPage" });

const comparison = z
  .object({
    runs: z.tuple([runShape, runShape]),
    params: z.array(z.object({ path: z.string(), before: jsonField, after: jsonField })),
    code_changed: z.boolean().nullable(),
    jobs: z.array(
      z.object({
        job_name: z.string(),
        states: z.tuple([runStateField.nullable(), runStateField.nullable()]),
        durations_ms: z.tuple([nullableNumber, nullableNumber]),
        attempts: z.tuple([nullableNumber, nullableNumber]),
        rows: z.tuple([nullableNumber, nullableNumber]),
      }),
    ),
    datasets: z.array(
      z.object({
        dataset: z.string(),
        versions: z.tuple([nullableNumber, nullableNumber]),
        row_counts: z.tuple([nullableNumber, nullableNumber]),
        columns_added: z.array(z.string()),
        columns_removed: z.array(z.string()),
      }),
    ),
    errors: z.tuple([runError.nullable(), runError.nullable()]),
  })
  .meta({ id: "Comparison" });

export const runSchemas: SchemasOf<
  | "listRuns"
  | "showRun"
  | "listChildren"
  | "showGraph"
  | "listRunEvents"
  | "listRunLogs"
  | "downloadRunLogs"
  | "listUnits"
  | "explainRun"
  | "compareRuns"
  | "startRun"
  | "stopRun"
  | "cancelRun"
  | "pauseRun"
  | "resumeRun"
  | "retryRun"
  | "rerunRun"
> = {
  listRuns: {
    query: z.strictObject({ ...pageQueryFields, ...runFilterFields, children: queryBooleanField.optional() }),
    response: pageOf(runShape),
  },
  showRun: { params: runParams, response: runDetail },
  listChildren: {
    params: runParams,
    query: z.strictObject({
      ...pageQueryFields,
      state: commaListField.optional(),
      q: searchTextField.optional(),
      result: queryBooleanField.describe("each with what it returned").optional(),
    }),
    response: pageOf(runShape),
  },
  showGraph: { params: runParams, response: graph },
  listRunEvents: {
    params: runParams,
    query: z.strictObject({
      after: integerField(0, 999_999_999).describe("sequence number of the last one seen").optional(),
      tail: queryBooleanField.describe("the last ones of the run and of the runs in it, by time").optional(),
      limit: integerField(1, 1_000).optional(),
    }),
    response: pageOf(event),
  },
  listRunLogs: {
    params: runParams,
    query: z.strictObject({
      ...logFilterFields,
      after: cursorField.optional(),
      before: cursorField.optional(),
      tail: queryBooleanField.optional(),
      limit: integerField(1, 1_000).optional(),
    }),
    response: logPage,
  },
  downloadRunLogs: { params: runParams, query: z.strictObject(logFilterFields), response: z.string() },
  listUnits: {
    params: runParams,
    query: z.strictObject({ ...pageQueryFields, state: z.enum(["done", "failed"]).optional() }),
    response: pageOf(
      z
        .object({
          loop: z.string().nullable().describe("`1`, `2`, … in the order of the loops, or `=` and its name"),
          key: z.string(),
          state: z.enum(["done", "failed"]),
          error: z.string().nullable(),
        })
        .meta({ id: "Unit" }),
    ),
  },
  explainRun: { params: runParams, response: explanation },
  compareRuns: { params: z.strictObject({ run_id: runIdField, other_run_id: runIdField }), response: comparison },
  startRun: runAction,
  stopRun: runAction,
  cancelRun: runAction,
  pauseRun: runAction,
  resumeRun: runAction,
  retryRun: runAction,
  rerunRun: { params: runParams, body: actionRequest, response: startResult },
};
