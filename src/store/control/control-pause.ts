// Pause and resume. What waits for a worker is set aside in `parked`; what waits for others keeps its place with a request,
// which takes effect when it is let go; what executes is asked to yield.
import type { RunId } from "../../core/run-id.ts";
import type { ControlResult } from "./control-store.ts";
import { idList, rowList, run, type Script } from "../rows/script.ts";
import { appendEvents } from "../rows/append-events.ts";
import { type Asker, type ControlledRun, toEventData } from "./control-runs.ts";
import { insertParked, insertReady, insertScheduled, type ParkedRun } from "../rows/hot-runs.ts";

export interface Pause extends Asker {
  /** `job` when the job is paused as a whole, so that resuming the job finds what it parked. */
  readonly cause: "run" | "job";
}

/** Pauses those of the runs that are pending or running. */
export function* pauseRuns(runs: readonly ControlledRun[], pause: Pause, nowMs: number): Script<ControlResult> {
  const parked = runs.flatMap((item) => toParked(item, pause));
  yield* takeOut(parked.map(({ runId }) => runId));
  yield* insertParked(parked);
  const waiting = runs.filter(({ place, request }) => place.held === "waiting" && request === undefined);
  const leased = runs.filter(({ place, request }) => place.held === "lease" && request === undefined);
  yield* insertPauses([...waiting, ...leased], pause, nowMs);
  const data = toEventData(pause);
  yield* appendEvents(
    [
      ...[...parked, ...waiting].map(({ runId }) => ({ runId, type: "paused", data })),
      ...leased.map(({ runId }) => ({ runId, type: "pause_requested", data })),
    ],
    nowMs,
  );
  const asked = runs.filter(({ place, request }) => place.held === "lease" && request?.action === "pause");
  return { changed: parked.length + waiting.length, requested: leased.length + asked.length };
}

function toParked({ place }: ControlledRun, { by, reason, cause }: Pause): ParkedRun[] {
  const aside = { pausedBy: by, reason: reason ?? null, cause };
  if (place.held === "ready") return [{ ...place.hot, ...aside, runAtMs: null, scheduledReason: null }];
  if (place.held !== "scheduled") return [];
  return [{ ...place.hot, ...aside, runAtMs: place.runAtMs, scheduledReason: place.reason }];
}

function* takeOut(runIds: readonly RunId[]): Script<void> {
  if (runIds.length === 0) return;
  yield* run("delete from ready where run_id in (ids ?)", idList(runIds));
  yield* run("delete from scheduled where run_id in (ids ?)", idList(runIds));
}

function* insertPauses(runs: readonly ControlledRun[], pause: Pause, nowMs: number): Script<void> {
  if (runs.length === 0) return;
  yield* run(
    `insert into request (run_id, action, requested_by, cause, reason, at)
    select cast(r.value ->> 'run' as bigint), 'pause', r.value ->> 'by', r.value ->> 'cause', r.value ->> 'reason',
      cast(? as bigint) from (rows ?) r`,
    nowMs,
    rowList(runs.map(({ runId }) => ({ run: runId, by: pause.by, cause: pause.cause, reason: pause.reason ?? null }))),
  );
}

/** Puts parked runs back to where they came from and withdraws what was not obeyed yet. */
export function* resumeRuns(runs: readonly ControlledRun[], asker: Asker, nowMs: number): Script<ControlResult> {
  const parked = runs.filter(({ place }) => place.held === "parked");
  const withdrawn = runs.filter(({ place, request }) => place.held !== "parked" && request?.action === "pause");
  if (parked.length > 0)
    yield* run("delete from parked where run_id in (ids ?)", idList(parked.map(({ runId }) => runId)));
  yield* letGo(parked, nowMs);
  if (withdrawn.length > 0) {
    yield* run("delete from request where run_id in (ids ?)", idList(withdrawn.map(({ runId }) => runId)));
  }
  const resumed = [...parked, ...withdrawn];
  const data = toEventData(asker);
  yield* appendEvents(
    resumed.map(({ runId, place }) => ({
      runId,
      type: "resumed",
      // One that was only asked to pause never stopped to execute.
      data: place.held === "lease" ? { ...data, executing: true } : data,
    })),
    nowMs,
  );
  return { changed: resumed.length, requested: 0 };
}

function* letGo(parked: readonly ControlledRun[], nowMs: number): Script<void> {
  const places = parked.flatMap(({ place }) => (place.held === "parked" ? [place] : []));
  const later = places.flatMap(({ hot, runAtMs, scheduledReason }) =>
    runAtMs === null || runAtMs <= nowMs
      ? []
      : [{ ...hot, runAtMs, reason: scheduledReason ?? ("scheduled" as const) }],
  );
  const due = places.filter(({ runAtMs }) => runAtMs === null || runAtMs <= nowMs);
  yield* insertReady(due.map(({ hot }) => hot));
  yield* insertScheduled(later);
}
