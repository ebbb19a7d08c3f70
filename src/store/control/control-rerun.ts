// Rerun: takes back the outcomes of failed runs and puts the runs where they would be had they never ended.
// Epochs go on from where they were, so no old lease comes to life; attempts are counted anew.
import type { RunId } from "../../core/run-id.ts";
import { all, idList, rowList, run, type Script } from "../rows/script.ts";
import { appendEvents } from "../rows/append-events.ts";
import { type Pause, pauseRuns } from "./control-pause.ts";
import { type Asker, type ControlledRun, listAncestors, listJobPauses, lockRuns, toEventData } from "./control-runs.ts";
import { findReleased, listDoomed } from "./doomed-runs.ts";
import { endLeases } from "../settle/end-leases.ts";
import { leaveOutFilled } from "./filled-reruns.ts";
import { hotFields, type HotRun, hotTargets, insertReady, toRow } from "../rows/hot-runs.ts";

/**
 * Gives failed runs another try, with the pipelines they belong to and with what ended only because of them. Neighbours in the
 * graph are locked first, so that none can end while they are counted.
 * @returns how many runs were reopened, pipelines of theirs included
 * @throws MillraceError `TRANSITION_INVALID` when the windows of all of them have been filled by other runs
 */
export function* rerunRuns(runIds: readonly RunId[], asker: Asker, nowMs: number): Script<number> {
  const doomed = yield* listDoomed(runIds);
  const ancestors = new Set(yield* listAncestors([...runIds, ...doomed]));
  const own = [...new Set([...runIds, ...doomed, ...ancestors])];
  const neighbours = yield* listNeighbours(own);
  const locked = yield* lockRuns([...new Set([...own, ...neighbours])].toSorted((a, b) => a - b));
  const asked = new Set(runIds);
  const failed = yield* leaveOutFilled(locked.filter(({ runId, state }) => asked.has(runId) && state === "ERROR"));
  if (failed.length === 0) return 0;
  const free = new Set([...failed.map(({ runId }) => runId), ...(yield* findReleased(failed, doomed))]);
  const reopened = withParents(
    locked.filter(({ runId }) => free.has(runId)),
    locked,
  );
  yield* takeBack(reopened, nowMs);
  yield* placeAgain(reopened);
  yield* recount(locked.filter(({ place }) => place.held === "waiting"));
  const ended = reopened.filter(({ place }) => place.held === "outcome");
  yield* appendEvents(
    ended.map(({ runId }) => ({ runId, type: "rerun", data: toEventData(asker) })),
    nowMs,
  );
  yield* keepPaused(reopened, nowMs);
  return ended.length;
}

// A pipeline above that failed, or was about to be summed up, waits for its members again. One that finished did without.
function withParents(failed: readonly ControlledRun[], locked: readonly ControlledRun[]): readonly ControlledRun[] {
  const byId = new Map(locked.map((item) => [item.runId, item]));
  const reopened = new Map(failed.map((item) => [item.runId, item]));
  for (const { parentRunId } of failed) {
    for (let id = parentRunId; id !== null;) {
      const parent = byId.get(id);
      if (parent === undefined || parent.place.held === "waiting" || parent.state === "FINISHED") break;
      reopened.set(id, parent);
      id = parent.parentRunId;
    }
  }
  return [...reopened.values()].toSorted((a, b) => a.runId - b.runId);
}

// Those that wait for the runs and those that the runs wait for.
function* listNeighbours(runIds: readonly RunId[]): Script<readonly RunId[]> {
  const ids = idList(runIds);
  const rows = yield* all<{ id: RunId }>(
    `select child_id as id from edge where parent_id in (ids ?) union select parent_id from edge where child_id in (ids ?)`,
    ids,
    ids,
  );
  return rows.map(({ id }) => id);
}

function* takeBack(reopened: readonly ControlledRun[], nowMs: number): Script<void> {
  const ids = idList(reopened.map(({ runId }) => runId));
  // Somebody was about to sum the pipeline up; the fence keeps what he finds from being written.
  yield* endLeases(
    reopened.flatMap(({ place }) => (place.held === "lease" ? [{ lease: place.hot, end: "released" as const }] : [])),
    nowMs,
  );
  for (const table of ["ready", "scheduled", "parked", "outcome", "pipeline_start"]) {
    yield* run(`delete from ${table} where run_id in (ids ?)`, ids);
  }
  // Dependants that the end had not reached wait for the run as before.
  yield* run("delete from fan_out where parent_id in (ids ?)", ids);
  // A key that another run took meanwhile stays with that run.
  yield* run(
    `insert into run_key (run_id, key) select id, run_key from run where id in (ids ?) and run_key is not null
    order by run_key on conflict do nothing`,
    ids,
  );
}

function* placeAgain(reopened: readonly ControlledRun[]): Script<void> {
  const pending = yield* countPending(reopened.map(({ runId }) => runId));
  const hots = reopened.map(({ place: { hot } }) => ({ ...hot, attempt: 0 }));
  yield* insertReady(hots.filter(({ runId }) => !pending.has(runId)));
  yield* insertWaiting(
    hots.filter(({ runId }) => pending.has(runId)),
    pending,
  );
}

/** Runs that each of these waits for, unfinished or with an end that has not reached it; those that wait for none are left out. */
function* countPending(runIds: readonly RunId[]): Script<ReadonlyMap<RunId, number>> {
  const rows = yield* all<{ runId: RunId; pending: number }>(
    `select edge.child_id as "runId", count(*) as pending from edge left join outcome on outcome.run_id = edge.parent_id
      left join fan_out on fan_out.parent_id = edge.parent_id and fan_out.child_id < edge.child_id
    where edge.child_id in (ids ?) and (outcome.run_id is null or fan_out.parent_id is not null) group by edge.child_id`,
    idList(runIds),
  );
  return new Map(rows.map(({ runId, pending }) => [runId, pending]));
}

function* insertWaiting(hots: readonly HotRun[], pending: ReadonlyMap<RunId, number>): Script<void> {
  if (hots.length === 0) return;
  yield* run(
    `insert into waiting (${hotTargets}, pending) select ${hotFields}, cast(r.value ->> 'pending' as int) from (rows ?) r`,
    rowList(hots.map((hot) => ({ ...toRow(hot), pending: pending.get(hot.runId) ?? 0 }))),
  );
}

function* recount(waiting: readonly ControlledRun[]): Script<void> {
  if (waiting.length === 0) return;
  const pending = yield* countPending(waiting.map(({ runId }) => runId));
  yield* run(
    `update waiting set pending = c.pending
    from (select cast(r.value ->> 'run' as bigint) as run_id, cast(r.value ->> 'pending' as int) as pending from (rows ?) r) c
    where waiting.run_id = c.run_id`,
    rowList([...pending].map(([runId, count]) => ({ run: runId, pending: count }))),
  );
}

// Pipelines that were parked stay paused, and runs of paused jobs and pipelines wait for these.
function* keepPaused(reopened: readonly ControlledRun[], nowMs: number): Script<void> {
  const pauses: [RunId, Pause][] = [];
  for (const { runId, place } of reopened) {
    if (place.held !== "parked") continue;
    const { pausedBy, reason, cause } = place;
    pauses.push([runId, { by: pausedBy ?? "", reason: reason ?? undefined, cause }]);
  }
  for (const { runId, by, reason } of yield* listJobPauses(reopened.map(({ runId }) => runId))) {
    if (pauses.every(([parked]) => parked !== runId)) pauses.push([runId, { by, reason, cause: "job" }]);
  }
  if (pauses.length === 0) return;
  const byId = new Map(pauses);
  const locked = yield* lockRuns([...byId.keys()].toSorted((a, b) => a - b));
  // Few people pause at a time: runs with the same words go together.
  const groups = Map.groupBy(locked, ({ runId }) => JSON.stringify(byId.get(runId)));
  for (const runs of groups.values()) {
    const pause = byId.get(runs[0]?.runId ?? (0 as RunId));
    if (pause !== undefined) yield* pauseRuns(runs, pause, nowMs);
  }
}
