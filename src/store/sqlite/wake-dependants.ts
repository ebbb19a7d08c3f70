// What the end of runs means for those that wait for them, applied to the whole graph below in the same transaction:
// each dependant is counted down, ended or left alone, so that none can hang.
import type { UpstreamFailurePolicy } from "../../core/pipeline.ts";
import type { RunId } from "../../core/run-id.ts";
import { formatRunId } from "../../core/run-id.ts";
import { appendEvent } from "./append-event.ts";
import type { Connection } from "./connection.ts";
import { endRun } from "./end-run.ts";
import { hotColumns, type HotRun, insertReadyOrScheduled } from "./hot-run.ts";

/** How a run ended, as far as its dependants care. */
export interface EndedRun {
  readonly runId: RunId;
  readonly verdict: "finished" | "skipped" | "failed";
}

/**
 * Counters are changed in id order, one statement per distinct dependant however many of its parents ended.
 * Cost: one range of `edge` per ended run and about three b-tree writes per dependant that becomes ready
 * (10,000 in about 0.1 s). @returns how many runs became ready
 */
export function wakeDependants(db: Connection, ended: readonly EndedRun[], nowMs: number): number {
  let readied = 0;
  for (let wave = ended; wave.length > 0;) {
    const { satisfied, doomed } = judgeDependants(db, wave);
    wave = endDoomed(db, doomed, nowMs);
    readied += countDown(db, satisfied, nowMs);
  }
  return readied;
}

interface Doom {
  readonly verdict: "skipped" | "failed";
  readonly upstream: RunId;
}

interface Judgement {
  /** Dependant → how many of its parents need no longer be waited for. */
  readonly satisfied: Map<RunId, number>;
  readonly doomed: Map<RunId, Doom>;
}

function judgeDependants(db: Connection, ended: readonly EndedRun[]): Judgement {
  const satisfied = new Map<RunId, number>();
  const doomed = new Map<RunId, Doom>();
  const sql = "select child_id as childId, policy from edge where parent_id = ?";
  for (const { runId, verdict } of ended) {
    for (const { childId, policy } of db.all<{ childId: RunId; policy: UpstreamFailurePolicy }>(sql, runId)) {
      if (verdict === "finished" || policy === "continue") satisfied.set(childId, (satisfied.get(childId) ?? 0) + 1);
      else {
        const doom = verdict === "failed" && policy === "cancel" ? "failed" : "skipped";
        // Of two parents that end at once the one that fails the dependant decides, whatever their order.
        if (doomed.get(childId)?.verdict !== "failed") doomed.set(childId, { verdict: doom, upstream: runId });
      }
    }
  }
  return { satisfied, doomed };
}

// A dependant that is no longer waiting was ended by another parent before.
function endDoomed(db: Connection, doomed: Map<RunId, Doom>, nowMs: number): EndedRun[] {
  const ended: EndedRun[] = [];
  for (const [runId, { verdict, upstream }] of inIdOrder(doomed)) {
    const run = db.get<HotRun>(`delete from waiting where run_id = ? returning ${hotColumns}`, runId);
    if (run === undefined) continue;
    const failed = verdict === "failed";
    const reason = failed ? "upstream_failed" : "skipped";
    endRun(db, run, { state: failed ? "ERROR" : "FINISHED", reason }, nowMs);
    appendEvent(db, runId, failed ? "cancelled" : "skipped", { reason, upstream: formatRunId(upstream) }, nowMs);
    if (run.hasChildren === 1) ended.push({ runId, verdict });
  }
  return ended;
}

function countDown(db: Connection, satisfied: Map<RunId, number>, nowMs: number): number {
  const takeLast = `delete from waiting where run_id = ? and pending <= ? returning ${hotColumns}, run_at as runAtMs`;
  let readied = 0;
  for (const [runId, count] of inIdOrder(satisfied)) {
    const run = db.get<HotRun & { runAtMs: number | null }>(takeLast, runId, count);
    if (run === undefined) db.run("update waiting set pending = pending - ? where run_id = ?", count, runId);
    else if (insertReadyOrScheduled(db, run, run.runAtMs ?? undefined, nowMs)) readied += 1;
  }
  return readied;
}

function inIdOrder<Value>(dependants: Map<RunId, Value>): [RunId, Value][] {
  return [...dependants].sort(([left], [right]) => left - right);
}
