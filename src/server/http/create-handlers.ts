// The handlers of all resources as one table: what the server registers, and what the command line calls when it works on the
// store itself. Sessions are not among them: they belong to HTTP.
import type { RouteName } from "../../api/routes.ts";
import type { Handlers } from "../handler.ts";
import { createBulkHandlers } from "../rest/bulk.ts";
import { createCheckHandlers } from "../rest/checks.ts";
import { createCompareHandlers } from "../rest/compare-runs.ts";
import { createDatasetHandlers } from "../rest/datasets.ts";
import { createDatasetRowsHandlers } from "../rest/rows/dataset-rows.ts";
import { createDeliveryHandlers } from "../rest/delivery/delivery.ts";
import { createFigureRowsHandlers } from "../rest/delivery/why-figure.ts";
import { createWorkflowHandlers } from "../rest/delivery/workflows.ts";
import { createFailedRowsHandlers } from "../rest/rows/failed-rows.ts";
import { createFailureHandlers } from "../rest/failures.ts";
import { createFigureHandlers } from "../rest/figures.ts";
import { createGridHandlers } from "../rest/grid.ts";
import { createJobActionHandlers } from "../rest/job-actions.ts";
import { createJobHandlers } from "../rest/jobs.ts";
import { createLimitHandlers } from "../rest/limits.ts";
import { createMetricsHandlers } from "../rest/metrics.ts";
import { createNotificationHandlers } from "../rest/notifications/notifications.ts";
import { createOrchestratorHandlers } from "../rest/orchestrator.ts";
import { createQuarantineHandlers } from "../rest/quarantine.ts";
import { createDatasetCareHandlers } from "../rest/rows/dataset-runs.ts";
import { createCollectionHandlers } from "../rest/connections/collection.ts";
import { createBreakerHandlers } from "../rest/connections/breakers.ts";
import { createConnectionHandlers } from "../rest/connections/connections.ts";
import { createRequestHandlers } from "../rest/connections/requests.ts";
import { createRunActionHandlers } from "../rest/run-actions.ts";
import { createRunLogHandlers } from "../rest/run-logs.ts";
import { createRunHandlers } from "../rest/runs.ts";
import { createScheduleHandlers } from "../rest/schedules/schedules.ts";
import { createSearchHandlers } from "../rest/search.ts";
import { createStateHandlers } from "../rest/state/state.ts";
import { createBatchHandlers } from "../rest/streams/batches.ts";
import { createDeadLetterHandlers } from "../rest/streams/dead-letters.ts";
import { createGroupHandlers } from "../rest/streams/groups.ts";
import { createReplayHandlers } from "../rest/streams/replays.ts";
import { createStoreHandlers } from "../rest/streams/stores.ts";
import { StreamState } from "../rest/streams/stream-state.ts";
import { createTopicHandlers } from "../rest/streams/topics.ts";
import { createTimelineHandlers } from "../rest/timeline.ts";
import { createTokenHandlers } from "../rest/access/tokens.ts";
import type { ServerServices } from "../server-services.ts";

/** Routes that keep cookies and tickets. */
export type SessionRoute = "createSession" | "showSession" | "endSession" | "createTicket";

/** @param onRevoked ends what was opened with a token */
export function createHandlers(
  services: ServerServices,
  onRevoked?: (tokenId: string) => void,
): Handlers<Exclude<RouteName, SessionRoute>> {
  const streams = new StreamState(services);
  return {
    ...createTokenHandlers(services, onRevoked),
    ...createOrchestratorHandlers(services),
    ...createJobHandlers(services),
    ...createJobActionHandlers(services),
    ...createGridHandlers(services),
    ...createMetricsHandlers(services),
    ...createFigureHandlers(services),
    ...createRunHandlers(services, streams),
    ...createRunLogHandlers(services),
    ...createRunActionHandlers(services),
    ...createCompareHandlers(services),
    ...createBulkHandlers(services),
    ...createFailureHandlers(services),
    ...createTimelineHandlers(services),
    ...createSearchHandlers(services),
    ...createStateHandlers(services),
    ...createScheduleHandlers(services),
    ...createDatasetHandlers(services),
    ...createDatasetRowsHandlers(services),
    ...createDeliveryHandlers(services),
    ...createFigureRowsHandlers(services),
    ...createWorkflowHandlers(services),
    ...createFailedRowsHandlers(services),
    ...createCheckHandlers(services),
    ...createQuarantineHandlers(services),
    ...createDatasetCareHandlers(services),
    ...createLimitHandlers(services),
    ...createConnectionHandlers(services),
    ...createBreakerHandlers(services),
    ...createCollectionHandlers(services),
    ...createRequestHandlers(services),
    ...createNotificationHandlers(services),
    ...createTopicHandlers(services, streams),
    ...createGroupHandlers(services, streams),
    ...createStoreHandlers(services),
    ...createBatchHandlers(services, streams),
    ...createReplayHandlers(services),
    ...createDeadLetterHandlers(services),
  };
}
