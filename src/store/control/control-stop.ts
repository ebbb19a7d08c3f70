// Stop and force stop. What no worker holds ends at once, and dooms or lets go its dependants as a failure does; a worker
// is asked to stop what it holds, or, by force, loses it.
import type { RunId } from "../../core/run-id.ts";
import type { ControlResult } from "./control-store.ts";
import { idList, rowList, run, type Script } from "../rows/script.ts";
import { appendEvents } from "../rows/append-events.ts";
import { type Asker, type ControlledRun, toEventData } from "./control-runs.ts";
import { endLeases } from "../settle/end-leases.ts";
import { stopRuns } from "../settle/stop-runs.ts";

/**
 * Ends what waits and asks what executes. A pipeline with members that execute waits for them with a request of its own,
 * and ends as stopped with the last of them.
 */
export function* stopOrAsk(runs: readonly ControlledRun[], asker: Asker, nowMs: number): Script<ControlResult> {
  const live = runs.filter(({ place }) => place.held !== "outcome");
  const kept = withParents(
    live,
    live.filter(({ place }) => place.held === "lease"),
  );
  const asked = live.filter(({ runId }) => kept.has(runId));
  // Before anything ends, so that the end of the last member finds it.
  yield* requestStops(asked, asker, nowMs);
  const ends = live.filter(({ runId }) => !kept.has(runId));
  yield* endHeld(ends, "stopped", asker, nowMs);
  return { changed: ends.length, requested: asked.filter(({ place }) => place.held === "lease").length };
}

/** Ends all of the runs, whatever their handlers do: without its lease a handler can write nothing. */
export function* forceStop(runs: readonly ControlledRun[], asker: Asker, nowMs: number): Script<ControlResult> {
  const live = runs.filter(({ place }) => place.held !== "outcome");
  yield* endLeases(
    live.flatMap(({ place }) => (place.held === "lease" ? [{ lease: place.hot, end: "stopped" as const }] : [])),
    nowMs,
  );
  yield* endHeld(live, "force_stopped", asker, nowMs);
  return { changed: live.length, requested: 0 };
}

// The leased runs and, up from them, those of their pipelines that are among the runs.
function withParents(live: readonly ControlledRun[], leased: readonly ControlledRun[]): ReadonlySet<RunId> {
  const byId = new Map(live.map((item) => [item.runId, item]));
  const kept = new Set<RunId>();
  for (const first of leased) {
    for (let item: ControlledRun | undefined = first; item !== undefined && !kept.has(item.runId);) {
      kept.add(item.runId);
      item = item.parentRunId === null ? undefined : byId.get(item.parentRunId);
    }
  }
  return kept;
}

// A stop replaces the request of a pause.
function* requestStops(asked: readonly ControlledRun[], { by, reason }: Asker, nowMs: number): Script<void> {
  const fresh = asked.filter(({ request }) => request?.action !== "stop");
  if (fresh.length === 0) return;
  yield* run(
    `insert into request (run_id, action, requested_by, cause, reason, at)
    select cast(r.value ->> 'run' as bigint), 'stop', r.value ->> 'by', 'run', r.value ->> 'reason', cast(? as bigint)
    from (rows ?) r where true on conflict (run_id) do update set action = excluded.action,
      requested_by = excluded.requested_by, cause = excluded.cause, reason = excluded.reason, at = excluded.at`,
    nowMs,
    rowList(fresh.map(({ runId }) => ({ run: runId, by, reason: reason ?? null }))),
  );
  yield* appendEvents(
    fresh.map(({ runId }) => ({ runId, type: "stop_requested", data: toEventData({ by, reason }) })),
    nowMs,
  );
}

function* endHeld(
  ends: readonly ControlledRun[],
  reason: "stopped" | "force_stopped",
  asker: Asker,
  nowMs: number,
): Script<void> {
  if (ends.length === 0) return;
  // Dependants that end here no longer wait, so stopping counts down or dooms only those outside.
  const ids = idList(ends.map(({ runId }) => runId));
  for (const table of ["ready", "scheduled", "parked", "waiting", "request"]) {
    yield* run(`delete from ${table} where run_id in (ids ?)`, ids);
  }
  yield* stopRuns(
    ends.map(({ place: { hot } }) => ({ run: hot, by: asker.by, why: asker.reason ?? null })),
    reason,
    nowMs,
  );
}
