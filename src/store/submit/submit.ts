// New work. One transaction writes all runs of all submissions with their edges, each already in its hot table.
import type { RunId } from "../../core/run-id.ts";
import type { PreparedRun, PreparedSubmission } from "./prepare-submission.ts";
import type { SubmitResult } from "../rows/run-records.ts";
import { all, rowList, run, type Script, takeRunIds } from "../rows/script.ts";
import { appendFirstEvents } from "../rows/append-events.ts";
import { type HotRun, insertParked, insertReadyOrScheduled, type ParkedRun, toRow } from "../rows/hot-runs.ts";
import { gateOfWorker } from "./bound-runs.ts";
import { findLanes, type Lane, laneKey } from "./lanes.ts";

/** Writes each submission, unless its key names an unfinished run. About ten statements, however many runs there are. */
export function* submit(submissions: readonly PreparedSubmission[], nowMs: number): Script<SubmitResult[]> {
  const planned = yield* planRuns(submissions);
  const existing = yield* claimKeys(planned);
  const fresh = planned.filter(({ submission, ids }) => {
    const holder = submission.runKey === undefined ? undefined : existing.get(submission.runKey);
    return holder === undefined || holder === ids[0];
  });
  yield* insertSubmissions(fresh, nowMs);
  const written = new Set(fresh);
  return planned.map((plan): SubmitResult => {
    const { submission, ids } = plan;
    if (written.has(plan)) return { rootRunId: rootOf(ids), runIds: ids, created: true };
    const rootRunId = existing.get(submission.runKey ?? "") ?? rootOf(ids);
    return { rootRunId, runIds: [rootRunId], created: false };
  });
}

interface PlannedSubmission {
  readonly submission: PreparedSubmission;
  readonly ids: readonly RunId[];
}

function* planRuns(submissions: readonly PreparedSubmission[]): Script<PlannedSubmission[]> {
  const count = submissions.reduce((sum, { runs }) => sum + runs.length, 0);
  // Ids are chosen before the rows, so that a run can name a parent that comes later.
  const ids = (yield* takeRunIds(count)) as readonly RunId[];
  let next = 0;
  return submissions.map((submission) => {
    const own = ids.slice(next, next + submission.runs.length);
    next += own.length;
    return { submission, ids: own };
  });
}

// A key is in the table only while its run is unfinished. Inserting waits for another transaction that does the same,
// and the loser finds the winner's run. @returns the run that holds each key now
function* claimKeys(planned: readonly PlannedSubmission[]): Script<ReadonlyMap<string, RunId>> {
  const keyed = planned.flatMap(({ submission, ids }) =>
    submission.runKey === undefined ? [] : [{ key: submission.runKey, run: rootOf(ids) }],
  );
  if (keyed.length === 0) return new Map();
  const rows = rowList(keyed);
  const holders = new Map<string, RunId>();
  // The holder may end between the two statements; then the key is free again.
  for (let look = 0; look < 10 && holders.size < new Set(keyed.map(({ key }) => key)).size; look += 1) {
    yield* run(
      `insert into run_key (run_id, key) select cast(r.value ->> 'run' as bigint), r.value ->> 'key' from (rows ?) r
      where true order by 2 on conflict (key) do nothing`,
      rows,
    );
    const found = yield* all<{ key: string; runId: RunId }>(
      `select run_key.key, run_key.run_id as "runId" from (rows ?) r join run_key on run_key.key = r.value ->> 'key'`,
      rows,
    );
    for (const { key, runId } of found) holders.set(key, runId);
  }
  return holders;
}

function* insertSubmissions(planned: readonly PlannedSubmission[], nowMs: number): Script<void> {
  if (planned.length === 0) return;
  const places = planned.flatMap(({ submission, ids }) =>
    submission.runs.map((prepared, position) => toPlace(submission, ids, prepared, position)),
  );
  yield* insertRuns(places, nowMs);
  yield* placeRuns(places, nowMs);
  yield* insertEdges(planned);
  yield* appendFirstEvents(
    places.map(({ runId, run: { createdBy } }) => ({ runId, type: "submitted", data: { createdBy } })),
    nowMs,
  );
}

interface Place extends PreparedRun {
  readonly runId: RunId;
  readonly rootRunId: RunId;
  readonly parentRunId: RunId | null;
  readonly runKey: string | null;
  readonly spawnedBy: RunId | null;
  readonly lane: Lane;
}

function toPlace(
  submission: PreparedSubmission,
  ids: readonly RunId[],
  prepared: PreparedRun,
  position: number,
): Place {
  const { job, kind, tenant, parent, gates = [] } = prepared.run;
  const binding = submission.boundTo === undefined ? [] : [gateOfWorker(submission.boundTo)];
  return {
    ...prepared,
    runId: idAt(ids, position),
    rootRunId: rootOf(ids),
    parentRunId: parent === undefined ? null : idAt(ids, parent),
    runKey: position === 0 ? (submission.runKey ?? null) : null,
    spawnedBy: position === 0 ? (submission.spawnedBy ?? null) : null,
    lane: { job, kind, tenant, gates: JSON.stringify([...new Set([...gates, ...binding])].toSorted()) },
  };
}

function* insertRuns(places: readonly Place[], nowMs: number): Script<void> {
  yield* run(
    `insert into run (id, job, kind, parent_run_id, root_run_id, params, window_from, window_to, params_key, tenant, created_by,
      run_key, spawned_by, created_at)
    select cast(r.value ->> 'id' as bigint), r.value ->> 'job', r.value ->> 'kind', cast(r.value ->> 'parent' as bigint),
      cast(r.value ->> 'root' as bigint), r.value ->> 'params', r.value ->> 'from', r.value ->> 'to',
      r.value ->> 'paramsKey', r.value ->> 'tenant', r.value ->> 'by', r.value ->> 'key', cast(r.value ->> 'spawned' as bigint), cast(? as bigint)
    from (rows ?) r order by r.key`,
    nowMs,
    rowList(
      places.map(({ run: { job, kind, window, tenant, createdBy }, ...place }) => ({
        id: place.runId,
        job,
        kind,
        parent: place.parentRunId,
        root: place.rootRunId,
        params: place.paramsJson,
        from: window?.from ?? null,
        to: window?.to ?? null,
        paramsKey: place.paramsKey ?? null,
        tenant,
        by: createdBy,
        key: place.runKey,
        spawned: place.spawnedBy,
      })),
    ),
  );
}

interface PausedJob {
  readonly job: string;
  readonly pausedBy: string;
  readonly reason: string | null;
}

function* placeRuns(places: readonly Place[], nowMs: number): Script<void> {
  const lanes = yield* findLanes(places.map(({ lane }) => lane));
  // Few jobs are paused at a time; usually none.
  const pauses = yield* all<PausedJob>(`select job, paused_by as "pausedBy", reason from paused_job`);
  const paused = new Map(pauses.map((pause) => [pause.job, pause]));
  const pauseOf = createPauseFinder(places, paused);
  const placed = places.map(({ runId, lane, pending, hasChildren, run: { priority = 0, runAtMs = null } }) => {
    const laneId = lanes.get(laneKey(lane));
    if (laneId === undefined) throw new RangeError(`no lane for job ${lane.job}`);
    const hot: HotRun = { runId, laneId, priority, epoch: 0, attempt: 0, hasChildren: hasChildren ? 1 : 0 };
    return { ...hot, pending, runAtMs, pause: pauseOf(runId) };
  });
  const free = placed.filter(({ pending }) => pending === 0);
  yield* insertReadyOrScheduled(
    free.filter(({ pause }) => pause === undefined),
    nowMs,
  );
  yield* insertParked(
    free.flatMap(({ pause, runAtMs, ...hot }): ParkedRun[] =>
      pause === undefined
        ? []
        : [{ ...hot, ...toPause(pause), runAtMs, scheduledReason: runAtMs === null ? null : "scheduled" }],
    ),
  );
  yield* insertWaiting(placed.filter(({ pending }) => pending > 0));
  const waiting = placed.flatMap(({ pending, pause, runId }) =>
    pending === 0 || pause === undefined ? [] : [{ runId, pause }],
  );
  yield* insertPauses(waiting, nowMs);
}

// The members of a paused pipeline are paused with it.
function createPauseFinder(
  places: readonly Place[],
  paused: ReadonlyMap<string, PausedJob>,
): (runId: RunId) => PausedJob | undefined {
  if (paused.size === 0) return () => undefined;
  const byId = new Map(places.map((place) => [place.runId, place]));
  return (runId) => {
    for (let place = byId.get(runId); place !== undefined;) {
      const pause = paused.get(place.run.job);
      if (pause !== undefined || place.parentRunId === null) return pause;
      place = byId.get(place.parentRunId);
    }
    return undefined;
  };
}

function toPause({ pausedBy, reason }: PausedJob): Pick<ParkedRun, "pausedBy" | "reason" | "cause"> {
  return { pausedBy, reason, cause: "job" };
}

function* insertWaiting(
  runs: readonly (HotRun & { readonly pending: number; readonly runAtMs: number | null })[],
): Script<void> {
  if (runs.length === 0) return;
  yield* run(
    `insert into waiting (run_id, lane_id, pending, run_at, priority, epoch, attempt, has_children)
    select cast(r.value ->> 'run' as bigint), cast(r.value ->> 'lane' as int), cast(r.value ->> 'pending' as int),
      cast(r.value ->> 'at' as bigint), cast(r.value ->> 'priority' as int), 0, 0, cast(r.value ->> 'children' as int)
    from (rows ?) r`,
    rowList(runs.map((hot) => ({ ...toRow(hot), pending: hot.pending, at: hot.runAtMs }))),
  );
}

function* insertPauses(runs: readonly { runId: RunId; pause: PausedJob }[], nowMs: number): Script<void> {
  if (runs.length === 0) return;
  yield* run(
    `insert into request (run_id, action, requested_by, cause, reason, at)
    select cast(r.value ->> 'run' as bigint), 'pause', r.value ->> 'by', 'job', r.value ->> 'reason', cast(? as bigint)
    from (rows ?) r`,
    nowMs,
    rowList(runs.map(({ runId, pause }) => ({ run: runId, by: pause.pausedBy, reason: pause.reason }))),
  );
}

function* insertEdges(planned: readonly PlannedSubmission[]): Script<void> {
  const edges = planned.flatMap(({ submission, ids }) =>
    submission.edges.map(({ parent, child, policy }) => ({
      parent: idAt(ids, parent),
      child: idAt(ids, child),
      policy,
    })),
  );
  if (edges.length === 0) return;
  yield* run(
    `insert into edge (parent_id, child_id, policy)
    select cast(r.value ->> 'parent' as bigint), cast(r.value ->> 'child' as bigint), r.value ->> 'policy' from (rows ?) r`,
    rowList(edges),
  );
}

function rootOf(ids: readonly RunId[]): RunId {
  return idAt(ids, 0);
}

function idAt(ids: readonly RunId[], position: number): RunId {
  const runId = ids[position];
  if (runId === undefined) throw new RangeError(`no run at position ${position}`);
  return runId;
}
