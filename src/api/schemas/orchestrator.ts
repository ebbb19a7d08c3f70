// Schemas of the orchestrator as a whole.
import { z } from "zod";
import type { SchemasOf } from "../route-schemas.ts";
import { instantField, reasonField } from "./fields.ts";

const orchestrator = z
  .object({
    claiming: z.boolean().describe("whether workers take new runs"),
    changed_by: z.string(),
    reason: z.string().nullable(),
    changed_at: instantField.nullable(),
    now: instantField.describe("by the store's clock"),
    store: z.enum(["sqlite", "postgres"]),
    version: z.string(),
    workers: z.array(z.object({ name: z.string(), host: z.string(), expires_at: instantField, alive: z.boolean() })),
    health: z.object({
      executing: z.int(),
      ready: z.int(),
      retries: z.int(),
      dead_leases: z.int(),
      late_runs: z.int(),
      late_schedules: z.int(),
    }),
    problems: z.array(z.string()).describe("what needs a person; empty when all is well"),
  })
  .meta({ id: "Orchestrator" });

const orchestratorAction = {
  body: z.strictObject({ force: z.literal(false).optional(), reason: reasonField.optional() }),
  response: z
    .object({ claiming: z.boolean(), stopped: z.int().describe("runs that an emergency stop ended") })
    .meta({ id: "OrchestratorActionResult" }),
} as const;

export const orchestratorSchemas: SchemasOf<
  "showOrchestrator" | "startOrchestrator" | "stopOrchestrator" | "emergencyStop"
> = {
  showOrchestrator: { response: orchestrator },
  startOrchestrator: orchestratorAction,
  stopOrchestrator: orchestratorAction,
  emergencyStop: orchestratorAction,
};
