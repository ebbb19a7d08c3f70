// Schemas of what a job remembers: checkpoints of its runs, and its watermarks.
import { z } from "zod";
import type { UnitPage } from "../state.ts";
import type { SchemasOf } from "../route-schemas.ts";
import {
  instantField,
  jobParams,
  jsonField,
  listOf,
  pageOf,
  pageQueryFields,
  reasonField,
  runIdField,
  runStateField,
  searchTextField,
} from "./fields.ts";

const version = z.int().min(0).describe("the newest that the caller saw; 409 when there is a newer one");

const whyField = z.string().trim().min(1, "expected a reason").max(500);

const previewField = z.boolean().describe("only say what would change");

const watermarkValue = z.union([z.string().min(1).max(1_000), z.number()]);

const watermarkName = z.string().min(1).max(200);

const tenantField = z.string().min(1).max(200).describe("needed when several tenants have a watermark of that name");

const checkpoint = z
  .object({
    run_id: runIdField,
    state: runStateField,
    versions: z.array(
      z.object({
        version: z.int(),
        data: jsonField,
        readable: z.boolean().describe("whether its checksum holds"),
        saved_at: instantField,
      }),
    ),
  })
  .meta({ id: "Checkpoint" });

const checkpointChange = z
  .object({
    before: jsonField,
    after: jsonField,
    differences: z.array(z.object({ path: z.string().describe("dotted"), before: jsonField, after: jsonField })),
    version: z.int().nullable().describe("null for a preview"),
  })
  .meta({ id: "CheckpointChange" });

const watermark = z
  .object({
    name: z.string(),
    tenant: z.string(),
    version: z.int(),
    value: watermarkValue,
    updated_at: instantField,
    history: z.array(
      z.object({
        version: z.int(),
        value: watermarkValue,
        at: instantField,
        run_id: runIdField.nullable(),
        by: z.string().nullable(),
        reason: z.string().nullable(),
      }),
    ),
    can_undo: z.boolean(),
  })
  .meta({ id: "Watermark" });

const jobUnit = z
  .object({
    key: z.string().describe("empty for a source that is one unit"),
    tenant: z.string(),
    ranges: z
      .array(z.object({ from: instantField, to: z.string() }))
      .describe("parts of time that were read, half-open; what is between two of them was not"),
    value: watermarkValue.nullable().describe("how far it was read, where it has no parts"),
    last_run_id: runIdField.nullable(),
    last_read_at: instantField.nullable(),
    is_behind: z
      .boolean()
      .describe("it failed since, was never read, has a hole, or was read less far than another unit"),
    error: z
      .object({ message: z.string(), from: instantField.nullable(), run_id: runIdField, at: instantField })
      .nullable()
      .describe("the newest failure of a part that was not read since"),
  })
  .meta({ id: "JobUnit" });

/** Of all units of a job. */
export const unitSummary: z.ZodType<UnitPage["summary"]> = z
  .object({
    units: z.int(),
    failed: z.int(),
    behind: z.int().describe("with those that failed"),
    read_to: z.string().nullable().describe("how far the units with parts of time are read at least"),
    furthest: z.string().nullable().describe("and at most"),
  })
  .meta({ id: "UnitSummary" });

const unitPage = z.object({
  items: z.array(jobUnit),
  next_cursor: z.string().nullable(),
  summary: unitSummary,
});

const watermarkChange = z
  .object({
    name: z.string(),
    before: watermarkValue,
    after: watermarkValue,
    direction: z.enum(["rewind", "skip", "none"]),
    affected_runs: z.array(
      z.object({ run_id: runIdField, from: watermarkValue.nullable(), to: watermarkValue, at: instantField }),
    ),
    affected_datasets: z.array(z.string()),
    version: z.int().nullable().describe("null for a preview"),
  })
  .meta({ id: "WatermarkChange" });

export const stateSchemas: SchemasOf<
  "listCheckpoints" | "putCheckpoint" | "listWatermarks" | "listJobUnits" | "putWatermark" | "undoWatermark"
> = {
  listCheckpoints: { params: jobParams, response: listOf(checkpoint) },
  putCheckpoint: {
    params: jobParams,
    body: z.strictObject({
      run_id: runIdField,
      version,
      data: jsonField,
      reason: whyField,
      preview: previewField.optional(),
    }),
    response: checkpointChange,
  },
  listWatermarks: {
    params: jobParams,
    query: z.strictObject({ ...pageQueryFields, q: searchTextField.describe("is in the name").optional() }),
    response: pageOf(watermark),
  },
  listJobUnits: {
    params: jobParams,
    query: z.strictObject({
      ...pageQueryFields,
      q: searchTextField.describe("is in the key").optional(),
      state: z.enum(["failed", "behind"]).optional(),
    }),
    response: unitPage,
  },
  putWatermark: {
    params: jobParams,
    body: z.strictObject({
      name: watermarkName,
      tenant: tenantField.optional(),
      version,
      value: watermarkValue,
      reason: whyField,
      preview: previewField.optional(),
    }),
    response: watermarkChange,
  },
  undoWatermark: {
    params: jobParams,
    body: z.strictObject({
      name: watermarkName,
      tenant: tenantField.optional(),
      version,
      reason: reasonField.optional(),
    }),
    response: watermarkChange,
  },
};
