// Schemas of care for the tables of datasets.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import { datasetField } from "./datasets.ts";
import { reasonField, runIdField } from "./fields.ts";

const params = z.strictObject({ dataset: datasetField });
const response = z.object({ run_id: runIdField }).meta({ id: "DatasetCareRun" });
const dryRunField = z.boolean().describe("tell what would be done and change nothing");

export const datasetCareSchemas: SchemasOf<"vacuumDataset" | "optimizeDataset"> = {
  vacuumDataset: {
    params,
    body: z.strictObject({
      retain: z.string().min(1).max(40).describe("how long versions stay readable, such as `7d`").optional(),
      force: z.boolean().describe("go below the retention of the table").optional(),
      dry_run: dryRunField.optional(),
      reason: reasonField.optional(),
    }),
    response,
  },
  optimizeDataset: {
    params,
    body: z.strictObject({
      sort: z.array(z.string().min(1).max(500)).max(20).describe("columns to sort rows by").optional(),
      target_size: z.string().min(1).max(40).describe("how large files are to become, such as `128MB`").optional(),
      dry_run: dryRunField.optional(),
      reason: reasonField.optional(),
    }),
    response,
  },
};
