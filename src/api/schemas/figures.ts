// Schemas of business figures, and of what did not come in time.
import { z } from "zod";
import type { JobMetric, MetricValue } from "../figure.ts";
import type { Lateness, LatenessTurn } from "../lateness.ts";
import type { SchemasOf } from "../route-schemas.ts";
import { instantField, jobNameField, jobParams, listOf, pageOf, pageQueryFields, runIdField } from "./fields.ts";

const onBreach = z.enum(["warn", "fail"]).nullable();

/** What a run recorded. */
export const metricValue: z.ZodType<MetricValue> = z
  .object({
    run_id: runIdField,
    name: z.string(),
    labels: z.record(z.string(), z.string()),
    value: z.number(),
    unit: z.string().nullable(),
    breach: onBreach.describe("what became of the run because the value was outside of its thresholds"),
    attempt: z.int(),
    at: instantField,
  })
  .meta({ id: "MetricValue" });

const jobMetric: z.ZodType<JobMetric> = z
  .object({
    name: z.string(),
    unit: z.string().nullable(),
    min: z.number().nullable(),
    max: z.number().nullable(),
    on_breach: onBreach,
    newest: z.array(metricValue).describe("of the newest run that recorded it, by labels"),
  })
  .meta({ id: "JobMetric" });

/** What is late now. */
export const lateness: z.ZodType<Lateness> = z
  .object({
    since: instantField,
    expected_at: instantField,
    run_id: runIdField.nullable(),
  })
  .meta({ id: "Lateness" });

const turn: z.ZodType<LatenessTurn> = z
  .object({
    turn: z.enum(["late", "on_time", "stale", "fresh"]),
    at: instantField,
    expected_at: instantField,
    run_id: runIdField.nullable(),
  })
  .meta({ id: "LatenessTurn" });

const metricField = z.string().min(1).max(100);

export const figureSchemas: SchemasOf<"listJobMetrics" | "listMetricHistory" | "listTurns"> = {
  listJobMetrics: { params: jobParams, response: listOf(jobMetric) },
  listMetricHistory: {
    params: z.strictObject({ job_name: jobNameField, metric: metricField }),
    query: z.strictObject(pageQueryFields),
    response: pageOf(metricValue),
  },
  listTurns: {
    query: z.strictObject({
      ...pageQueryFields,
      job: jobNameField.describe("either this or `dataset`").optional(),
      dataset: z.string().min(1).max(200).optional(),
    }),
    response: pageOf(turn),
  },
};
