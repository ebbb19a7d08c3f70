// Schemas of what people do to many runs at once, what failed, how time passes, and what a few letters find.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import {
  instantField,
  jobNameField,
  listOf,
  reasonField,
  runIdField,
  runStateField,
  searchTextField,
} from "./fields.ts";
import { countsByState, nullableInstant, nullableNumber, runShape } from "./run-shapes.ts";
import { runFilterFields } from "./runs.ts";

const bulkAction = z.enum(["stop", "pause", "resume", "retry"]);

const maxRuns = 10_000;

const selection = z
  .object({
    selection_id: z.string(),
    action: bulkAction,
    count: z.int(),
    by_state: countsByState,
    sample: z.array(runShape),
    expires_at: instantField,
  })
  .meta({ id: "Selection" });

const bulkResult = z
  .object({
    count: z.int(),
    changed: z.int(),
    requested: z.int(),
    refused: z.array(z.object({ run_id: runIdField, detail: z.string() })),
  })
  .meta({ id: "BulkResult" });

const failureCluster = z
  .object({
    fingerprint: z.string(),
    job_name: z.string(),
    code: z.string(),
    message: z.string(),
    hint: z.string().nullable(),
    error_class: z.string().nullable(),
    count: z.int(),
    first_at: instantField,
    last_at: instantField,
    run_ids: z.array(runIdField),
  })
  .meta({ id: "FailureCluster" });

const timeline = z
  .object({
    from: instantField,
    to: instantField,
    now: instantField,
    bars: z.array(
      z.object({
        run_id: runIdField,
        job_name: z.string(),
        state: runStateField,
        from: instantField,
        to: nullableInstant,
      }),
    ),
    fires: z.array(z.object({ job_name: z.string(), at: instantField, expected_ms: nullableNumber })),
    truncated: z.boolean(),
  })
  .meta({ id: "Timeline" });

const searchResult = z
  .object({
    jobs: z.array(
      z.object({
        job_name: z.string(),
        kind: z.enum(["job", "pipeline"]),
        description: z.string().nullable(),
      }),
    ),
    runs: z.array(runShape),
    datasets: z.array(z.string()),
  })
  .meta({ id: "SearchResult" });

export const controlSchemas: SchemasOf<"selectRuns" | "applyBulk" | "listFailures" | "showTimeline" | "search"> = {
  selectRuns: {
    body: z
      .strictObject({
        action: bulkAction,
        filter: z
          .strictObject({ ...runFilterFields, children: z.boolean().optional() })
          .describe("of the list of runs; either this or `run_ids`")
          .optional(),
        run_ids: z.array(runIdField).min(1).max(maxRuns).optional(),
      })
      // The server names the field that is missing or too much; the description says it in the words of JSON Schema.
      .meta({ oneOf: [{ required: ["filter"] }, { required: ["run_ids"] }] }),
    response: selection,
  },
  applyBulk: {
    body: z.strictObject({
      selection_id: z.string().min(1).max(100),
      count: z.int().min(0).max(maxRuns).describe("the selection's, echoed"),
      reason: reasonField.optional(),
    }),
    response: bulkResult,
  },
  listFailures: {
    query: z.strictObject({
      since: instantField.describe("default: the last 7 days").optional(),
      job: jobNameField.optional(),
      q: searchTextField.optional(),
    }),
    response: listOf(failureCluster),
  },
  showTimeline: {
    query: z.strictObject({ from: instantField.optional(), to: instantField.optional() }),
    response: timeline,
  },
  search: { query: z.strictObject({ q: searchTextField }), response: searchResult },
};
