// Schemas of what is collected, and whether it is all there.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import { jobNameField, runIdField, runReasonField, runStateField } from "./fields.ts";
import { connection } from "./limits.ts";
import { nullableInstant } from "./run-shapes.ts";
import { unitSummary } from "./state.ts";

const collectedJob = z
  .object({
    job_name: jobNameField,
    pipelines: z.array(z.string()).describe("that it is a member of"),
    connections: z.array(z.string()),
    state: runStateField.describe("of its newest run"),
    reason: runReasonField.nullable(),
    last_run_id: runIdField.nullable(),
    last_run_at: nullableInstant.describe("end of that run"),
    fresh_at: nullableInstant.describe("end of the last run that FINISHED, among the newest 30"),
    last_read_at: nullableInstant.describe("when a unit was read last"),
    coverage: unitSummary.nullable().describe("of its units; null where there are too many to be counted here"),
    stale_since: nullableInstant.describe(
      "since when the oldest answer is known that its last finished run published in place of a service that failed",
    ),
  })
  .meta({ id: "CollectedJob" });

export const collectionSchemas: SchemasOf<"listCollection"> = {
  listCollection: {
    response: z
      .object({
        items: z.array(collectedJob).describe("by name, at most 200"),
        connections: z.array(connection).describe("that these jobs use"),
        truncated: z.boolean().describe("whether there are more such jobs"),
      })
      .meta({ id: "Collection" }),
  },
};
