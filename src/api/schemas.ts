// The schemas of all routes as one table.
import type { SchemasOf } from "./route-schemas.ts";
import type { RouteName } from "./routes.ts";
import { checkSchemas } from "./schemas/checks.ts";
import { collectionSchemas } from "./schemas/collection.ts";
import { controlSchemas } from "./schemas/control.ts";
import { datasetSchemas } from "./schemas/datasets.ts";
import { deliverySchemas } from "./schemas/delivery.ts";
import { figureRowsSchemas } from "./schemas/delivery/figure-rows.ts";
import { figureSchemas } from "./schemas/figures.ts";
import { jobSchemas } from "./schemas/jobs.ts";
import { limitSchemas } from "./schemas/limits.ts";
import { notificationSchemas } from "./schemas/notifications.ts";
import { orchestratorSchemas } from "./schemas/orchestrator.ts";
import { datasetCareSchemas } from "./schemas/dataset-care.ts";
import { quarantineSchemas } from "./schemas/quarantine.ts";
import { requestSchemas } from "./schemas/requests.ts";
import { runSchemas } from "./schemas/runs.ts";
import { scheduleSchemas } from "./schemas/schedules.ts";
import { sessionSchemas } from "./schemas/session.ts";
import { stateSchemas } from "./schemas/state.ts";
import { workflowSchemas } from "./schemas/workflows.ts";
import { groupSchemas } from "./schemas/streams/groups.ts";
import { replaySchemas } from "./schemas/streams/replays.ts";
import { topicSchemas } from "./schemas/streams/topics.ts";

/** By operation id. */
export const schemas: SchemasOf<RouteName> = {
  ...sessionSchemas,
  ...orchestratorSchemas,
  ...jobSchemas,
  ...figureSchemas,
  ...runSchemas,
  ...controlSchemas,
  ...stateSchemas,
  ...scheduleSchemas,
  ...datasetSchemas,
  ...checkSchemas,
  ...deliverySchemas,
  ...figureRowsSchemas,
  ...workflowSchemas,
  ...datasetCareSchemas,
  ...quarantineSchemas,
  ...limitSchemas,
  ...collectionSchemas,
  ...requestSchemas,
  ...notificationSchemas,
  ...topicSchemas,
  ...groupSchemas,
  ...replaySchemas,
};
