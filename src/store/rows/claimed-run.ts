// From the columns that a claim reads to what it hands out; the same for both databases.
import type { RunId } from "../../core/run-id.ts";
import type { ClaimedRun, Json, RunKind } from "./run-records.ts";

/** The run's own columns beside those of its new lease. */
export interface ClaimedRunRow {
  readonly runId: RunId;
  readonly epoch: number;
  readonly attempt: number;
  /** Null when it never lost a worker. */
  readonly losses: number | null;
  readonly hasChildren: number;
  readonly job: string;
  readonly kind: RunKind;
  readonly rootRunId: RunId;
  readonly parentRunId: RunId | null;
  readonly params: string;
  readonly windowFrom: string | null;
  readonly windowTo: string | null;
  readonly tenant: string;
  readonly createdBy: string;
  readonly createdAtMs: number;
}

/** Takes no more of the row than a claimed run has. */
export function toClaimedRun(row: ClaimedRunRow, { isOrphan }: { readonly isOrphan: boolean }): ClaimedRun {
  const { runId, epoch, attempt, job, kind, rootRunId, parentRunId, windowFrom, windowTo } = row;
  return {
    runId,
    epoch,
    attempt,
    losses: row.losses ?? 0,
    hasChildren: row.hasChildren === 1,
    job,
    kind,
    rootRunId,
    parentRunId: parentRunId ?? undefined,
    params: JSON.parse(row.params) as Json,
    window: windowFrom === null || windowTo === null ? undefined : { from: windowFrom, to: windowTo },
    tenant: row.tenant,
    createdBy: row.createdBy,
    createdAtMs: row.createdAtMs,
    ...(isOrphan ? { isOrphan } : {}),
  };
}
