// What the end of runs means for those that wait for them, applied to the whole graph below in the same transaction, or,
// where that is very wide, in several: each dependant is counted down, ended or left alone, so that none can hang.
import { formatRunId, type RunId } from "../../core/run-id.ts";
import { all, idList, rowList, run, type Script } from "../rows/script.ts";
import { appendEvents } from "../rows/append-events.ts";
import { endRuns } from "./end-runs.ts";
import { endStopped, type StoppedRun } from "./end-stopped.ts";
import { type EndedRun, type FanOut, takeEdges, takeFanOuts, type WaitingEdge } from "./fan-outs.ts";
import { type HotRun, hotColumns, insertParked, insertReadyOrScheduled, type ParkedRun } from "../rows/hot-runs.ts";

export type { EndedRun } from "./fan-outs.ts";

/** Edges that one transaction follows; more wait for `continueFanOuts`. 10,000 take some 0.1 s. */
const maxEdges = 5_000;

const maxFanOuts = 1_000;

/**
 * A handful of statements for each layer of the graph that ends, however wide it is. The rows of `waiting` are locked in
 * id order, so two transactions that end parents of the same runs wait for each other instead of locking each other out.
 * @returns how many runs became ready
 */
export function* wakeDependants(ended: readonly EndedRun[], nowMs: number): Script<number> {
  return yield* followEdges(ended.map(toFanOut), nowMs);
}

/** Goes on with ends that have not reached all their dependants, as far as one transaction goes. @returns how many became ready */
export function* continueFanOuts(nowMs: number): Script<number> {
  return yield* followEdges(yield* takeFanOuts(maxFanOuts), nowMs);
}

function* followEdges(ended: readonly FanOut[], nowMs: number): Script<number> {
  let readied = 0;
  let left = maxEdges;
  for (let wave = ended; wave.length > 0;) {
    const edges = yield* takeEdges(wave, left);
    left -= edges.length;
    const dependants = judgeDependants(wave, edges);
    const locked = yield* lockWaiting(dependants.keys());
    const doomed = yield* endDoomed(locked, dependants, nowMs);
    const free = yield* countDown(locked, dependants);
    const released = yield* letGo(free, nowMs);
    wave = [...doomed, ...released.stopped].map(toFanOut);
    readied += released.readied;
  }
  return readied;
}

function toFanOut(ended: EndedRun): FanOut {
  return { ...ended, afterChildId: 0 };
}

/** What a wave of ends means for one dependant. */
interface Judgement {
  /** Parents that need no longer be waited for. */
  satisfied: number;
  /** The parent whose end ends this one, too. */
  doom: { readonly verdict: "skipped" | "failed"; readonly upstream: RunId } | undefined;
}

function judgeDependants(ended: readonly EndedRun[], edges: readonly WaitingEdge[]): Map<RunId, Judgement> {
  const verdicts = new Map(ended.map(({ runId, verdict }) => [runId, verdict]));
  const dependants = new Map<RunId, Judgement>();
  for (const { parentId, childId, policy } of edges) {
    const verdict = verdicts.get(parentId);
    const judgement: Judgement = dependants.get(childId) ?? { satisfied: 0, doom: undefined };
    dependants.set(childId, judgement);
    if (verdict === "finished" || policy === "continue") judgement.satisfied += 1;
    else {
      const doom = verdict === "failed" && policy === "cancel" ? "failed" : "skipped";
      // When two parents end at once, the one that fails the dependant decides, whatever their order.
      if (judgement.doom?.verdict !== "failed") judgement.doom = { verdict: doom, upstream: parentId };
    }
  }
  return dependants;
}

interface WaitingRun extends HotRun {
  readonly pending: number;
  readonly runAtMs: number | null;
}

// A dependant that is no longer waiting was ended by another parent, or started by force, before.
function* lockWaiting(runIds: Iterable<RunId>): Script<readonly WaitingRun[]> {
  const sql = `select ${hotColumns}, pending, run_at as "runAtMs" from waiting where run_id in (ids ?) order by run_id for update`;
  return yield* all<WaitingRun>(sql, idList(runIds));
}

function* endDoomed(
  locked: readonly WaitingRun[],
  dependants: ReadonlyMap<RunId, Judgement>,
  nowMs: number,
): Script<EndedRun[]> {
  const doomed = locked.flatMap((hot) => {
    const doom = dependants.get(hot.runId)?.doom;
    return doom === undefined ? [] : [{ hot, ...doom, isFailed: doom.verdict === "failed" }];
  });
  if (doomed.length === 0) return [];
  yield* deleteWaiting(doomed.map(({ hot }) => hot));
  // What a person asked of it while it waited ends with it.
  yield* run("delete from request where run_id in (ids ?)", idList(doomed.map(({ hot }) => hot.runId)));
  yield* endRuns(
    doomed.map(({ hot, isFailed }) => ({
      run: hot,
      state: isFailed ? "ERROR" : "FINISHED",
      reason: isFailed ? "upstream_failed" : "skipped",
    })),
    nowMs,
  );
  yield* appendEvents(
    doomed.map(({ hot, isFailed, upstream }) => ({
      runId: hot.runId,
      type: isFailed ? "cancelled" : "skipped",
      data: { reason: isFailed ? "upstream_failed" : "skipped", upstream: formatRunId(upstream) },
    })),
    nowMs,
  );
  return doomed.filter(({ hot }) => hot.hasChildren === 1).map(({ hot, verdict }) => ({ runId: hot.runId, verdict }));
}

function* countDown(
  locked: readonly WaitingRun[],
  dependants: ReadonlyMap<RunId, Judgement>,
): Script<readonly WaitingRun[]> {
  const counted = locked.flatMap((hot) => {
    const judgement = dependants.get(hot.runId);
    const isDoomed = judgement === undefined || judgement.doom !== undefined;
    return isDoomed ? [] : [{ hot, satisfied: judgement.satisfied }];
  });
  const waits = counted.filter(({ hot, satisfied }) => hot.pending > satisfied);
  if (waits.length > 0) {
    yield* run(
      `update waiting set pending = pending - d.satisfied
      from (select cast(r.value ->> 'run' as bigint) as run_id, cast(r.value ->> 'n' as int) as satisfied from (rows ?) r) d
      where waiting.run_id = d.run_id`,
      rowList(waits.map(({ hot, satisfied }) => ({ run: hot.runId, n: satisfied }))),
    );
  }
  return counted.filter(({ hot, satisfied }) => hot.pending <= satisfied).map(({ hot }) => hot);
}

interface RequestRow {
  readonly runId: RunId;
  readonly action: "pause" | "stop";
  readonly pausedBy: string;
  readonly cause: "run" | "job";
  readonly reason: string | null;
}

// What a person asked of a run while it waited is done now: one that was paused is parked, and a pipeline that was stopped
// while members executed ends with the last of them.
function* letGo(free: readonly WaitingRun[], nowMs: number): Script<{ readied: number; stopped: EndedRun[] }> {
  if (free.length === 0) return { readied: 0, stopped: [] };
  yield* deleteWaiting(free);
  const requests = yield* all<RequestRow>(
    `delete from request where run_id in (ids ?)
    returning run_id as "runId", action, requested_by as "pausedBy", cause, reason`,
    idList(free.map(({ runId }) => runId)),
  );
  const asked = new Map(requests.map((request) => [request.runId, request]));
  const parked: ParkedRun[] = [];
  const stopped: StoppedRun[] = [];
  for (const hot of free) {
    const request = asked.get(hot.runId);
    if (request?.action === "stop") stopped.push({ run: hot, by: request.pausedBy, why: request.reason });
    else if (request !== undefined) {
      parked.push({ ...hot, ...request, scheduledReason: hot.runAtMs === null ? null : "scheduled" });
    }
  }
  yield* insertParked(parked);
  yield* endStopped(stopped, "stopped", nowMs);
  const going = free.filter(({ runId }) => !asked.has(runId));
  return {
    readied: yield* insertReadyOrScheduled(going, nowMs),
    stopped: stopped
      .filter(({ run: hot }) => hot.hasChildren === 1)
      .map(({ run: { runId } }) => ({ runId, verdict: "failed" })),
  };
}

function* deleteWaiting(runs: readonly HotRun[]): Script<void> {
  yield* run("delete from waiting where run_id in (ids ?)", idList(runs.map(({ runId }) => runId)));
}
