// Ends leases. The fence is the delete of the lease row itself, so at most one completion of a run is ever accepted.
import { MillraceError, type ErrorRecord } from "../../core/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Json, Settlement, SettleResult } from "../run-records.ts";
import { appendEvent } from "./append-event.ts";
import type { Connection } from "./connection.ts";
import { type Lease, logAttempt, takeLease, withoutAttempt } from "./end-lease.ts";
import { endRun } from "./end-run.ts";
import { insertReady, insertScheduled } from "./hot-run.ts";
import { type EndedRun, wakeDependants } from "./wake-dependants.ts";

/** Settles a batch in one transaction; lost runs are reported and nothing of theirs is written. */
export function settle(db: Connection, settlements: readonly Settlement[], nowMs: number): SettleResult {
  const lostRunIds: RunId[] = [];
  const ended: EndedRun[] = [];
  let readied = 0;
  for (const settlement of settlements) {
    const lease = takeLease(db, settlement);
    if (lease === undefined) {
      lostRunIds.push(settlement.runId);
      continue;
    }
    logAttempt(db, lease, settlement.end, "error" in settlement ? settlement.error : undefined, nowMs);
    for (const event of settlement.events ?? []) appendEvent(db, lease.runId, event.type, event.data, nowMs);
    const verdict = moveOn(db, lease, settlement, nowMs);
    if (verdict === "ready") readied += 1;
    else if (verdict !== "scheduled" && lease.hasChildren === 1) ended.push({ runId: lease.runId, verdict });
  }
  return { lostRunIds, readied: readied + wakeDependants(db, ended, nowMs) };
}

type Verdict = "finished" | "failed" | "scheduled" | "ready";

function moveOn(db: Connection, lease: Lease, settlement: Settlement, nowMs: number): Verdict {
  const { runId, attempt } = lease;
  switch (settlement.end) {
    case "finished": {
      const { reason } = settlement;
      // A handler that returns nothing has the result null.
      endRun(db, lease, { state: "FINISHED", reason, result: settlement.result ?? null }, nowMs);
      appendEvent(db, runId, "finished", reason === undefined ? { attempt } : { attempt, reason }, nowMs);
      return "finished";
    }
    case "failed": {
      const { reason, error } = settlement;
      endRun(db, lease, { state: "ERROR", reason, error }, nowMs);
      appendEvent(db, runId, "failed", { attempt, reason, ...describeError(error) }, nowMs);
      return "failed";
    }
    case "retry": {
      const { runAtMs, error } = settlement;
      insertScheduled(db, lease, runAtMs, "waiting_retry");
      appendEvent(db, runId, "retry_scheduled", { attempt, runAtMs, ...describeError(error) }, nowMs);
      return "scheduled";
    }
    case "snoozed": {
      insertScheduled(db, withoutAttempt(lease), settlement.runAtMs, "waiting_poll");
      appendEvent(db, runId, "snoozed", { runAtMs: settlement.runAtMs }, nowMs);
      return "scheduled";
    }
    case "released": {
      insertReady(db, withoutAttempt(lease));
      appendEvent(db, runId, "released", undefined, nowMs);
      return "ready";
    }
    default:
      throw new MillraceError("INTERNAL", `unknown end of a lease: \`${JSON.stringify(settlement satisfies never)}\``);
  }
}

// The whole error is in `attempt_log`; a history of events stays short.
function describeError({ code, message }: ErrorRecord): { [key: string]: Json } {
  return { code, message: message.length > 300 ? `${message.slice(0, 300)}…` : message };
}
