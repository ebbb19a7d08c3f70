// Schemas of the verdicts of checks.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import { datasetField } from "./datasets.ts";
import { instantField, jobNameField, listOf, runIdField } from "./fields.ts";

const checkRow = z
  .object({
    dataset: z.string(),
    job_name: z.string(),
    name: z.string(),
    severity: z.enum(["block", "warn", "quarantine"]),
    results: z.array(
      z.object({
        run_id: runIdField,
        at: instantField,
        passed: z.boolean(),
        failing_rows: z.number(),
        detail: z.string(),
        rows_at: z.string().nullable().describe("where rows that broke it are, relative to the project"),
      }),
    ),
  })
  .meta({ id: "CheckRow" });

export const checkSchemas: SchemasOf<"listChecks"> = {
  listChecks: {
    query: z.strictObject({
      dataset: datasetField.optional(),
      job: jobNameField.optional(),
      since: instantField.describe("default: the last 30 days").optional(),
    }),
    response: listOf(checkRow),
  },
};
