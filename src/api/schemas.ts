// The schemas of all routes as one table.
import type { SchemasOf } from "./route-schemas.ts";
import type { RouteName } from "./routes.ts";
import { controlSchemas } from "./schemas/control.ts";
import { jobSchemas } from "./schemas/jobs.ts";
import { orchestratorSchemas } from "./schemas/orchestrator.ts";
import { runSchemas } from "./schemas/runs.ts";
import { sessionSchemas } from "./schemas/session.ts";

/** By operation id. */
export const schemas: Partial<SchemasOf<RouteName>> = {
  ...sessionSchemas,
  ...orchestratorSchemas,
  ...jobSchemas,
  ...runSchemas,
  ...controlSchemas,
};
