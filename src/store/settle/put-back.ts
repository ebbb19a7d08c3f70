// Puts runs back whose attempt did not count.
import type { Script } from "../rows/script.ts";
import { appendEvents, type EventRow } from "../rows/append-events.ts";
import type { EndedRequest } from "./end-leases.ts";
import { type HotRun, insertParked, insertReady, type ParkedRun } from "../rows/hot-runs.ts";
import { stopRuns } from "./stop-runs.ts";

/** Makes runs ready again whose attempt did not count; parks or ends those of which somebody asked that meanwhile. */
export function* putBack(runs: readonly HotRun[], requests: readonly EndedRequest[], nowMs: number): Script<void> {
  const asked = new Map(requests.map((request) => [request.runId, request]));
  const parked = runs.flatMap((hot): ParkedRun[] => {
    const request = asked.get(hot.runId);
    return request?.action === "pause" ? [{ ...hot, ...request, runAtMs: null, scheduledReason: null }] : [];
  });
  yield* insertParked(parked);
  yield* insertReady(runs.filter(({ runId }) => !asked.has(runId)));
  yield* stopRuns(
    runs.flatMap((hot) => {
      const request = asked.get(hot.runId);
      return request?.action === "stop" ? [{ run: hot, by: request.pausedBy, why: request.reason }] : [];
    }),
    "stopped",
    nowMs,
  );
  yield* appendEvents(
    parked.map(({ runId, pausedBy, reason }): EventRow => ({ runId, type: "paused", data: { by: pausedBy, reason } })),
    nowMs,
  );
}
