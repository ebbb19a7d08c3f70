// Schemas of what runs share: limits, connections and their breakers.
import { z } from "zod";
import type { Connection } from "../orchestrator.ts";
import type { SchemasOf } from "../route-schemas.ts";
import { instantField, jsonField, listOf, reasonField, runIdField } from "./fields.ts";
import { nullableInstant } from "./run-shapes.ts";

const gate = z
  .string()
  .max(220)
  .regex(/^(?:job|pool|connection|tenant):./, "expected `job:`, `pool:`, `connection:` or `tenant:` and a name");

const capacity = z.int().min(1).max(1_000_000).nullable();

const limit = z
  .object({ gate: z.string(), capacity: z.int().nullable(), held: z.int(), blocked_until: nullableInstant })
  .meta({ id: "Limit" });

const breaker = z
  .object({
    connection: z.string(),
    state: z.enum(["closed", "open", "half_open"]),
    failures: z.int(),
    opened_at: nullableInstant,
    next_probe_at: nullableInstant,
    last_error: z.string().nullable(),
    version: z.int(),
  })
  .meta({ id: "Breaker" });

export const connection: z.ZodType<Connection> = z
  .object({
    connection: z.string(),
    source: z.enum(["configuration", "store"]).nullable().describe("null when only jobs name it"),
    kind: z.string().nullable(),
    address: z.string().nullable(),
    auth: z.string().nullable().describe("kind of auth"),
    token_state: z.object({ expires_at: nullableInstant }).nullable().describe("that workers share; never what it is"),
    paused_until: nullableInstant.describe("until when the service asked not to be asked"),
    requests: z.object({ count: z.int(), per_ms: z.int(), ready: z.int().describe("that may be sent now") }).nullable(),
    job_names: z.array(z.string()),
    breaker: breaker.nullable(),
    capacity: z.int().nullable(),
    held: z.int(),
    blocked_until: instantField.nullable(),
    holders: z.array(runIdField),
  })
  .meta({ id: "Connection" });

const connectionParams = z.strictObject({ connection: z.string().min(1).max(200) });

export const limitSchemas: SchemasOf<
  | "listLimits"
  | "putLimits"
  | "listConnections"
  | "testConnection"
  | "addConnection"
  | "removeConnection"
  | "rekeyConnections"
  | "listBreakers"
  | "resetBreaker"
> = {
  listLimits: { response: listOf(limit) },
  putLimits: {
    body: z.strictObject({
      limits: z
        .array(
          z.strictObject({
            gate,
            capacity: capacity.describe("runs that may execute at once; null removes the limit"),
            seen_capacity: capacity.describe("what the caller saw; 409 when it is another by now").optional(),
          }),
        )
        .min(1)
        .max(100),
      reason: reasonField.optional(),
    }),
    response: listOf(limit),
  },
  listConnections: { response: listOf(connection) },
  testConnection: {
    params: connectionParams,
    body: z.strictObject({
      url: z.string().min(1).max(2_000).describe("relative to the address of the connection; default `/`").optional(),
      fresh: z.boolean().describe("whether answers that are kept of it are forgotten").optional(),
    }),
    response: z
      .object({
        connection: z.string(),
        answer: z
          .object({
            address: z.string(),
            good: z.boolean(),
            status: z.int().nullable(),
            bytes: z.int().nullable(),
            files: z.int().nullable().describe("of a place of files, counted up to 1,000"),
            server: z.string().nullable().describe("of a database, its version"),
            duration_ms: z.int(),
          })
          .nullable()
          .describe("null when none came"),
        error: z.object({ code: z.string(), message: z.string(), hint: z.string().nullable() }).nullable(),
      })
      .meta({ id: "ConnectionTest" }),
  },
  addConnection: {
    params: connectionParams,
    body: z.strictObject({
      options: jsonField.describe("as under `connections.<name>` of the configuration"),
      replace: z.boolean().describe("although the name is registered already").optional(),
    }),
    response: z.object({ connection: z.string(), version: z.int() }),
  },
  removeConnection: { params: connectionParams, response: z.null() },
  rekeyConnections: {
    response: z
      .object({
        renewed: z.int().describe("secrets that were sealed anew"),
        current: z.int().describe("secrets that were under the newest key before"),
      })
      .meta({ id: "RekeyedConnections" }),
  },
  listBreakers: { response: listOf(breaker) },
  resetBreaker: {
    params: connectionParams,
    body: z.strictObject({
      version: z.int().min(0).describe("what the caller saw; 409 when there is a newer one").optional(),
      reason: reasonField.optional(),
    }),
    response: breaker,
  },
};
