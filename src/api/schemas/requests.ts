// Schemas of what runs asked of services.
import { z } from "zod";
import type { Loose, SchemasOf } from "../route-schemas.ts";
import type { ServiceRequestRecord } from "../request.ts";
import { instantField, listOf, pageQueryFields, queryBooleanField, runIdField, runParams } from "./fields.ts";
import { requestTotals } from "./run-shapes.ts";

const request: z.ZodType<Loose<ServiceRequestRecord>> = z
  .object({
    run_id: runIdField,
    seq: z.int().describe("from 1, in the order in which they ended"),
    attempt: z.int(),
    connection: z.string().nullable(),
    method: z.string(),
    address: z.string().describe("with its secrets masked"),
    unit: z.string().nullable(),
    page: z.int().nullable(),
    status: z.int().nullable().describe("null without an answer"),
    error: z.string().nullable().describe("code of what went wrong on the way"),
    failed: z.boolean().describe("without an answer, cut, or with a status of 400 and above"),
    repeat: z.int().describe("0 for the first time, 1 when the same request was sent again, and so on"),
    started_at: instantField,
    duration_ms: z.int(),
    received_bytes: z.int(),
  })
  .meta({ id: "ServiceRequest" });

export const requestSchemas: SchemasOf<"listRunRequests" | "listConnectionRequests"> = {
  listRunRequests: {
    params: runParams,
    query: z.strictObject({ ...pageQueryFields, failed: queryBooleanField.optional() }),
    response: z.object({ items: z.array(request), next_cursor: z.string().nullable(), totals: requestTotals }),
  },
  listConnectionRequests: {
    params: z.strictObject({ connection: z.string().min(1).max(200) }),
    response: listOf(request),
  },
};
