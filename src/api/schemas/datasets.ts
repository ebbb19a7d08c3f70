// Schemas of datasets and of the lineage between them.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import {
  instantField,
  jsonField,
  limitField,
  listOf,
  pageQueryFields,
  runIdField,
  runParams,
  searchTextField,
} from "./fields.ts";
import { exportFormatField } from "./delivery.ts";
import { lateness } from "./figures.ts";
import { datasetLocation, nullableInstant, nullableNumber } from "./run-shapes.ts";

const datasetFields = {
  dataset: z.string(),
  version: z.int().describe("0 while it was never published"),
  job_name: z.string().nullable(),
  run_id: runIdField.nullable(),
  row_count: nullableNumber,
  created_at: nullableInstant,
  quarantined: nullableNumber.describe("rows in its quarantine that nobody has resolved; null when it has none"),
  freshness: z.string().nullable().describe("how old it may be, in words"),
  stale: lateness.nullable(),
  columns: z.array(
    z.object({
      name: z.string(),
      type: z.string(),
      from: z
        .array(z.string())
        .nullable()
        .describe("columns of the source that it is made of; null where nobody knows"),
    }),
  ),
  locations: z.array(datasetLocation),
} as const;

const lineage = z
  .object({
    nodes: z.array(z.object({ id: z.string(), kind: z.enum(["dataset", "job"]), name: z.string() })),
    edges: z.array(z.object({ from: z.string(), to: z.string() })),
  })
  .meta({ id: "Lineage" });

const dataset = z.object(datasetFields).meta({ id: "Dataset" });

const datasetDetail = z
  .object({
    ...datasetFields,
    versions: z.array(
      z.object({
        version: z.int(),
        run_id: runIdField,
        job_name: z.string(),
        row_count: z.number(),
        created_at: instantField,
        columns_added: z.array(z.string()),
        columns_removed: z.array(z.string()),
      }),
    ),
    next_cursor: z.string().nullable(),
    schema_changes: z.array(
      z.object({
        kind: z.enum(["added", "retyped", "dropped", "discarded"]),
        column: z.string(),
        before: z.string().nullable(),
        after: z.string().nullable(),
        count: z.int().nullable().describe("of values that were left out, or rows that were set aside"),
        version: z.int().nullable(),
        run_id: runIdField,
        job_name: z.string(),
        at: instantField,
      }),
    ),
    lineage,
    catalog: z
      .object({
        table: z.string(),
        kind: z.enum(["managed", "external"]).nullable(),
        owner: z.string().nullable(),
        comment: z.string().nullable(),
        grants: z.array(z.object({ principal: z.string(), privileges: z.array(z.string()) })),
        upstream: z.array(z.string()).describe("tables that it is made of, where the catalog knows"),
        problem: z.string().nullable().describe("why the catalog could not tell"),
      })
      .nullable()
      .describe("what the catalog says of a table that is named by one"),
  })
  .meta({ id: "DatasetDetail" });

const rowsView = z
  .object({
    columns: z.array(z.object({ name: z.string(), type: z.string() })),
    items: z.array(z.record(z.string(), jsonField)).describe("64 bits, decimals, dates and times are texts"),
    has_more: z.boolean(),
  })
  .meta({ id: "Rows" });

/** Name of a dataset. */
export const datasetField: z.ZodType<string> = z.string().min(1).max(200);

export const datasetSchemas: SchemasOf<
  | "listDatasets"
  | "showDataset"
  | "showLineage"
  | "listDatasetRows"
  | "exportDataset"
  | "queryDatasets"
  | "listFailedRows"
> = {
  listDatasets: { query: z.strictObject({ q: searchTextField.optional() }), response: listOf(dataset) },
  showDataset: {
    params: z.strictObject({ dataset: datasetField }),
    query: z.strictObject(pageQueryFields),
    response: datasetDetail,
  },
  showLineage: { response: lineage },
  listDatasetRows: {
    params: z.strictObject({ dataset: datasetField }),
    query: z.strictObject({
      version: z.coerce.number().int().min(1).describe("default the latest").optional(),
      limit: limitField.optional(),
    }),
    response: rowsView,
  },
  exportDataset: {
    params: z.strictObject({ dataset: datasetField }),
    query: z.strictObject({ format: exportFormatField }),
    response: z.string().describe("a file"),
  },
  listFailedRows: {
    params: runParams,
    response: listOf(
      z
        .object({ dataset: z.string(), check: z.string(), items: z.array(z.record(z.string(), jsonField)) })
        .meta({ id: "FailedRows" }),
    ),
  },
  queryDatasets: {
    body: z.strictObject({
      sql: z.string().min(1).max(100_000).describe("one `select` over datasets"),
      limit: z.int().min(1).max(500).describe("default 50").optional(),
    }),
    response: rowsView,
  },
};
