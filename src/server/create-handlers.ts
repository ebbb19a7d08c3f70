// The handlers of all resources as one table: what the server registers, and what the command line calls when it works on the
// store itself. Sessions are not among them: they belong to HTTP.
import type { RouteName } from "../api/routes.ts";
import type { Handlers } from "./handler.ts";
import { createBulkHandlers } from "./rest/bulk.ts";
import { createCompareHandlers } from "./rest/compare-runs.ts";
import { createFailureHandlers } from "./rest/failures.ts";
import { createGridHandlers } from "./rest/grid.ts";
import { createJobActionHandlers } from "./rest/job-actions.ts";
import { createJobHandlers } from "./rest/jobs.ts";
import { createMetricsHandlers } from "./rest/metrics.ts";
import { createOrchestratorHandlers } from "./rest/orchestrator.ts";
import { createRunActionHandlers } from "./rest/run-actions.ts";
import { createRunLogHandlers } from "./rest/run-logs.ts";
import { createRunHandlers } from "./rest/runs.ts";
import { createSearchHandlers } from "./rest/search.ts";
import { createTimelineHandlers } from "./rest/timeline.ts";
import { createTokenHandlers } from "./rest/tokens.ts";
import type { ServerServices } from "./server-services.ts";

/** Routes that keep cookies and tickets. */
export type SessionRoute = "createSession" | "showSession" | "endSession" | "createTicket";

/** Routes whose handlers are not in the table yet. */
type DataRoute =
  | "listLimits"
  | "putLimits"
  | "listConnections"
  | "listBreakers"
  | "resetBreaker"
  | "listCheckpoints"
  | "putCheckpoint"
  | "listWatermarks"
  | "putWatermark"
  | "undoWatermark"
  | "listSchedules"
  | "putSchedule"
  | "listFires"
  | "showCalendar"
  | "listDatasets"
  | "showDataset"
  | "showLineage"
  | "listChecks";

/** @param onRevoked ends what was opened with a token */
export function createHandlers(
  services: ServerServices,
  onRevoked?: (tokenId: string) => void,
): Handlers<Exclude<RouteName, SessionRoute | DataRoute>> {
  return {
    ...createTokenHandlers(services, onRevoked),
    ...createOrchestratorHandlers(services),
    ...createJobHandlers(services),
    ...createJobActionHandlers(services),
    ...createGridHandlers(services),
    ...createMetricsHandlers(services),
    ...createRunHandlers(services),
    ...createRunLogHandlers(services),
    ...createRunActionHandlers(services),
    ...createCompareHandlers(services),
    ...createBulkHandlers(services),
    ...createFailureHandlers(services),
    ...createTimelineHandlers(services),
    ...createSearchHandlers(services),
  };
}
