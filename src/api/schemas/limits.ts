// Schemas of what runs share: limits, connections and their breakers.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import { instantField, listOf, reasonField, runIdField } from "./fields.ts";
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

const connection = z
  .object({
    connection: z.string(),
    job_names: z.array(z.string()),
    breaker: breaker.nullable(),
    capacity: z.int().nullable(),
    held: z.int(),
    blocked_until: instantField.nullable(),
    holders: z.array(runIdField),
  })
  .meta({ id: "Connection" });

export const limitSchemas: SchemasOf<"listLimits" | "putLimits" | "listConnections" | "listBreakers" | "resetBreaker"> =
  {
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
    listBreakers: { response: listOf(breaker) },
    resetBreaker: {
      params: z.strictObject({ connection: z.string().min(1).max(200) }),
      body: z.strictObject({
        version: z.int().min(0).describe("what the caller saw; 409 when there is a newer one").optional(),
        reason: reasonField.optional(),
      }),
      response: breaker,
    },
  };
