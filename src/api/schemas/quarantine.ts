// Schemas of quarantines and of resets.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import { datasetField } from "./datasets.ts";
import { instantField, jsonField, limitField, listOf, reasonField, runIdField } from "./fields.ts";
import { datasetLocation } from "./run-shapes.ts";

const checkCounts = z.array(z.object({ name: z.string(), rows: z.int() }));

const viewFields = {
  dataset: z.string(),
  quarantine: z.string().describe("the dataset that holds the rows"),
  version: z.int(),
  job_name: z.string(),
  rows: z.int().describe("that wait for a decision"),
  oldest_at: instantField.nullable(),
  checks: checkCounts.describe("a row that breaks two checks counts for both"),
  runs: z.array(z.object({ run_id: runIdField.nullable(), rows: z.int(), at: instantField.nullable() })),
} as const;

const view = z.object(viewFields).meta({ id: "Quarantine" });
const rows = z
  .object({ ...viewFields, items: z.array(z.record(z.string(), jsonField)) })
  .meta({ id: "QuarantineRows" });

const checkField = z.string().min(1).max(500).describe("name of a check that they break");
const columnField = z.string().min(1).max(500);

const filterFields = { run: runIdField.optional(), check: checkField.optional() } as const;

const resolve = z.strictObject({
  ...filterFields,
  where: z
    .record(columnField, z.string().max(10_000).nullable())
    .describe("columns with the text of their value, null for NULL")
    .optional(),
  version: z.int().min(1).describe("of the quarantine; rows that came later are left alone").optional(),
  preview: z.boolean().describe("count the rows and change nothing").optional(),
  reason: reasonField.optional(),
});

const resolved = z
  .object({
    dataset: z.string(),
    version: z.int(),
    rows: z.int(),
    checks: checkCounts,
    run_id: runIdField.nullable().describe("null for a preview"),
  })
  .meta({ id: "ResolvedQuarantine" });

const reset = z
  .object({
    datasets: z.array(z.string()),
    job_names: z.array(z.string()),
    versions: z.int(),
    tables: z.array(datasetLocation),
    shared: z.array(datasetLocation).describe("that stay, because another dataset is in them, too"),
    watermarks: z.array(z.object({ job_name: z.string(), name: z.string(), value: z.union([z.string(), z.number()]) })),
    run_id: runIdField.nullable().describe("null for a preview"),
  })
  .meta({ id: "DatasetReset" });

const params = z.strictObject({ dataset: datasetField });

export const quarantineSchemas: SchemasOf<
  "listQuarantine" | "showQuarantine" | "releaseQuarantine" | "discardQuarantine" | "resetDataset" | "rekeyDataset"
> = {
  listQuarantine: { response: listOf(view) },
  showQuarantine: {
    params,
    query: z.strictObject({
      ...filterFields,
      where: z.string().max(10_000).describe("a JSON object of columns with the text of their value").optional(),
      limit: limitField.optional(),
    }),
    response: rows,
  },
  releaseQuarantine: { params, body: resolve, response: resolved },
  discardQuarantine: { params, body: resolve, response: resolved },
  resetDataset: {
    params,
    body: z.strictObject({
      preview: z.boolean().describe("tell what would go and change nothing").optional(),
      reason: reasonField.optional(),
    }),
    response: reset,
  },
  rekeyDataset: {
    params,
    body: z.strictObject({ reason: reasonField.optional() }),
    response: z.strictObject({ run_id: runIdField }).meta({ id: "RekeyedDataset" }),
  },
};
