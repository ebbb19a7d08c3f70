// Force start: ready now, ahead of all others. Limits of gates and the fence still hold.
import type { ControlResult } from "./control-store.ts";
import { idList, run, type Script } from "../rows/script.ts";
import { appendEvents } from "../rows/append-events.ts";
import { type Asker, type ControlledRun, toEventData } from "./control-runs.ts";
import { insertReady } from "../rows/hot-runs.ts";

/** Smaller than any priority a job may have. It stays with the run until it ends. */
export const forcedPriority = -1_000_000;

/**
 * Starts a job's run whatever it waits for: its parents go on without it and find, when they end, that it no longer waits.
 * In a pipeline, members that wait for nobody start now, and the others, ahead of all, when their parents have ended.
 * The history of a run that did not wait for its parents says so with `force_started`.
 */
export function* forceStart(
  target: ControlledRun,
  runs: readonly ControlledRun[],
  asker: Asker,
  nowMs: number,
): Script<ControlResult> {
  const isFree = ({ place }: ControlledRun): boolean =>
    place.held === "ready" || place.held === "scheduled" || place.held === "parked";
  const skipsQueue = target.kind === "pipeline" ? isFree : (item: ControlledRun) => isFree(item) || item === target;
  const pending = runs.filter(
    ({ state, place }) => state !== "FINISHED" && state !== "ERROR" && place.held !== "lease",
  );
  const started = pending.filter(skipsQueue);
  const waiting = pending.filter((item) => !skipsQueue(item));
  const ids = idList(started.map(({ runId }) => runId));
  for (const table of ["ready", "scheduled", "parked", "waiting"]) {
    yield* run(`delete from ${table} where run_id in (ids ?)`, ids);
  }
  yield* run("delete from request where run_id in (ids ?)", idList(pending.map(({ runId }) => runId)));
  yield* insertReady(started.map(({ place: { hot } }) => ({ ...hot, priority: forcedPriority })));
  const later = idList(waiting.map(({ runId }) => runId));
  yield* run("update waiting set priority = ?, run_at = null where run_id in (ids ?)", forcedPriority, later);
  yield* appendEvents(
    pending.map(({ runId }) => ({ runId, type: "force_started", data: toEventData(asker) })),
    nowMs,
  );
  return { changed: pending.length, requested: 0 };
}
