// Ends leases. The fence is the lease row itself, locked and compared before anything is written, so at most one completion
// of a run is ever accepted.
import type { RunId } from "../../core/run-id.ts";
import type { Settlement, SettleResult } from "../rows/run-records.ts";
import { all, idList, type Script } from "../rows/script.ts";
import { appendEvents, type EventRow } from "../rows/append-events.ts";
import { describeError, describeRetry, describeSnooze } from "../rows/describe-error.ts";
import { endLeases, type EndedRequest, type Lease, leaseColumns, withoutAttempt } from "./end-leases.ts";
import { endRuns, type RunEnd } from "./end-runs.ts";
import { insertParked, insertReady, insertScheduled, type ParkedRun, type ScheduledRun } from "../rows/hot-runs.ts";
import { enqueueNotices } from "../notifications/enqueue-notices.ts";
import type { StoppedRun } from "./end-stopped.ts";
import { stopRuns } from "./stop-runs.ts";
import { type EndedRun, wakeDependants } from "./wake-dependants.ts";

/** Settles a batch in one transaction; lost runs are reported and nothing of theirs is written. */
export function* settle(settlements: readonly Settlement[], nowMs: number): Script<SettleResult> {
  const held = yield* lockHeld(settlements);
  const lostRunIds: RunId[] = [];
  const accepted = settlements.flatMap((settlement) => {
    const lease = held.get(settlement.runId);
    // Each lease ends once, also when two settlements of a batch name it.
    if (lease?.epoch === settlement.epoch && held.delete(settlement.runId)) return [{ settlement, lease }];
    lostRunIds.push(settlement.runId);
    return [];
  });
  const requests = yield* endLeases(
    accepted.map(({ settlement, lease }) => {
      const { end, metrics, code } = settlement;
      return { lease, end, metrics, code, error: "error" in settlement ? settlement.error : undefined };
    }),
    nowMs,
  );
  const asked = new Map(requests.map((request) => [request.runId, request]));
  const moves = accepted.map(({ settlement, lease }) =>
    toMove(lease, settlement, { request: asked.get(lease.runId), nowMs }),
  );
  yield* endRuns(collect(moves, "ended"), nowMs);
  yield* insertScheduled(collect(moves, "scheduled"));
  yield* insertParked(collect(moves, "parked"));
  const ready = collect(moves, "ready");
  yield* insertReady(ready);
  yield* appendEvents(
    accepted.flatMap(({ settlement, lease }, index) => [
      ...(settlement.events ?? []).map((event) => ({ ...event, runId: lease.runId })),
      ...(moves[index]?.events ?? []),
    ]),
    nowMs,
  );
  // behind the events, which have what checks found
  yield* enqueueNotices(
    accepted.flatMap(({ settlement }) => settlement.notices ?? []),
    nowMs,
  );
  yield* stopRuns(collect(moves, "stopped"), "stopped", nowMs);
  const readied = yield* wakeDependants(collect(moves, "wakes"), nowMs);
  return { lostRunIds, readied: readied + ready.length };
}

// Locked in id order, so that two batches never wait for each other in a circle.
function* lockHeld(settlements: readonly Settlement[]): Script<Map<RunId, Lease>> {
  const sql = `select ${leaseColumns} from lease where run_id in (ids ?) order by run_id for update`;
  const leases = yield* all<Lease>(sql, idList(settlements.map(({ runId }) => runId)));
  return new Map(leases.map((lease) => [lease.runId, lease]));
}

/** Where a run goes when its lease ends. */
interface Move {
  readonly ended?: RunEnd;
  readonly wakes?: EndedRun;
  readonly scheduled?: ScheduledRun;
  readonly parked?: ParkedRun;
  readonly ready?: Lease;
  readonly stopped?: StoppedRun;
  readonly events: readonly EventRow[];
}

function collect<Name extends keyof Move>(moves: readonly Move[], name: Name): NonNullable<Move[Name]>[] {
  return moves.flatMap((move) => {
    const value = move[name];
    return value === undefined ? [] : [value];
  });
}

function toMove(
  lease: Lease,
  settlement: Settlement,
  { request, nowMs }: { readonly request: EndedRequest | undefined; readonly nowMs: number },
): Move {
  const { runId, attempt } = lease;
  const isOver = settlement.end === "finished" || settlement.end === "failed";
  if (request?.action === "stop" && !isOver) {
    return { stopped: { run: lease, by: request.pausedBy, why: request.reason }, events: [] };
  }
  const pause = request?.action === "pause" ? request : undefined;
  switch (settlement.end) {
    case "finished": {
      const { reason } = settlement;
      return {
        // A handler that returns nothing has the result null.
        ended: { run: lease, state: "FINISHED", reason, result: settlement.result ?? null },
        ...wakesOf(lease, "finished"),
        events: [{ runId, type: "finished", data: reason === undefined ? { attempt } : { attempt, reason } }],
      };
    }
    case "failed": {
      const { reason, error } = settlement;
      return {
        ended: { run: lease, state: "ERROR", reason, error },
        ...wakesOf(lease, "failed"),
        events: [{ runId, type: "failed", data: { attempt, reason, ...describeError(error) } }],
      };
    }
    case "retry": {
      const runAtMs = dueAfter(settlement, nowMs);
      const retry = { runId, type: "retry_scheduled", data: { attempt, runAtMs, ...describeRetry(settlement) } };
      return { ...setAside(lease, pause, runAtMs, "waiting_retry"), events: [retry, ...pausedEvents(runId, pause)] };
    }
    case "snoozed": {
      const runAtMs = dueAfter(settlement, nowMs);
      const snoozed = { runId, type: "snoozed", data: { runAtMs, ...describeSnooze(settlement) } };
      const aside = setAside(withoutAttempt(lease), pause, runAtMs, "waiting_poll");
      return { ...aside, events: [snoozed, ...pausedEvents(runId, pause)] };
    }
    case "released":
    case "paused": {
      const event = { runId, type: "released" };
      if (pause === undefined) return { ready: withoutAttempt(lease), events: [event] };
      const parked = { ...withoutAttempt(lease), ...toPause(pause), runAtMs: null, scheduledReason: null };
      return { parked, events: pausedEvents(runId, pause) };
    }
  }
}

function wakesOf({ runId, hasChildren }: Lease, verdict: EndedRun["verdict"]): Pick<Move, "wakes"> {
  return hasChildren === 1 ? { wakes: { runId, verdict } } : {};
}

/** Whole milliseconds, however a delay was computed. */
function dueAfter({ delayMs }: { readonly delayMs: number }, nowMs: number): number {
  return nowMs + Math.ceil(delayMs);
}

// A run that somebody paused meanwhile waits for that person first, then for its time.
function setAside(
  hot: Lease,
  pause: EndedRequest | undefined,
  runAtMs: number,
  reason: ScheduledRun["reason"],
): Pick<Move, "scheduled" | "parked"> {
  if (pause === undefined) return { scheduled: { ...hot, runAtMs, reason } };
  return { parked: { ...hot, ...toPause(pause), runAtMs, scheduledReason: reason } };
}

function toPause({ pausedBy, cause, reason }: EndedRequest): Pick<ParkedRun, "pausedBy" | "cause" | "reason"> {
  return { pausedBy, cause, reason };
}

function pausedEvents(runId: RunId, pause: EndedRequest | undefined): EventRow[] {
  if (pause === undefined) return [];
  return [{ runId, type: "paused", data: { by: pause.pausedBy, reason: pause.reason } }];
}
