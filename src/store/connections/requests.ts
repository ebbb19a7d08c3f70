// The ledger of requests as rows. A run writes under its fence; a person only says what became of a request that nobody knows of.
import {
  requestStates,
  type PlannedRequest,
  type RequestAnswer,
  type RequestChange,
  type RequestPlan,
} from "../../core/connection/request-ledger.ts";
import { MillraceError } from "../../core/errors/errors.ts";
import type { RunId } from "../../core/run-id.ts";
import { assertLease } from "../rows/fence.ts";
import type { Fence } from "../rows/run-records.ts";
import { all, one, run, type Script } from "../rows/script.ts";
import type { RequestRecord, RequestResolution, RequestsFilter } from "./connection-store.ts";

/** @throws MillraceError `RUN_LOST` */
export function* planRequest(fence: Fence, plan: RequestPlan, nowMs: number): Script<PlannedRequest> {
  yield* assertLease(fence);
  yield* run(
    `insert into sent_request (run_id, name, state, idempotency_key, fingerprint, method, address, sends, planned_at, changed_at)
    values (?, ?, 'planned', ?, ?, ?, ?, 0, ?, ?) on conflict (run_id, name)
    do update set fingerprint = excluded.fingerprint, method = excluded.method, address = excluded.address
    where sent_request.state = 'planned'`,
    fence.runId,
    plan.name,
    plan.idempotencyKey,
    plan.fingerprint,
    plan.method,
    plan.address,
    nowMs,
    nowMs,
  );
  const planned = yield* findRequest(fence.runId, plan.name);
  if (planned !== undefined) return planned;
  throw new MillraceError("STORE_CORRUPT", `request \`${plan.name}\` is not where it was written`);
}

/** With its answer. */
export function* findRequest(runId: RunId, name: string): Script<PlannedRequest | undefined> {
  const row = yield* one<RequestRow>(`${select} where sent_request.run_id = ? and sent_request.name = ?`, runId, name);
  return row === undefined ? undefined : toPlanned(row);
}

/** @throws MillraceError `RUN_LOST` */
export function* changeRequest(fence: Fence, name: string, change: RequestChange, nowMs: number): Script<void> {
  yield* assertLease(fence);
  const { status = null, headers = null, body = null } = toKept(change);
  const isSent = change.state === "sent" ? 1 : 0;
  const changed = yield* run(
    `update sent_request set state = ?, sends = sends + ?, status = case when ? = 1 then null else coalesce(?, status) end,
      headers = ?, body = ?, changed_at = ?
    where run_id = ? and name = ?`,
    change.state,
    isSent,
    isSent,
    status,
    headers === null ? null : JSON.stringify(headers),
    body,
    nowMs,
    fence.runId,
    name,
  );
  // a request that nobody wrote down must not leave
  if (changed !== 1) throw new MillraceError("INTERNAL", `request \`${name}\` was not written down`);
}

/** In the order of runs and names. */
export function* listLedger({ runId, state, after, limit }: RequestsFilter): Script<readonly RequestRecord[]> {
  // In the text, so that the index of unknown ones fits.
  const inState = requestStates.find((known) => known === state);
  const rows = yield* all<RequestRow>(
    `${select} where (sent_request.run_id, sent_request.name) > (?, ?) and sent_request.run_id <= ?
    ${inState === undefined ? "" : `and state = '${inState}'`} order by sent_request.run_id, sent_request.name limit ?`,
    after?.runId ?? runId ?? 0,
    after?.name ?? "",
    runId ?? Number.MAX_SAFE_INTEGER,
    Math.max(0, limit),
  );
  return rows.map(toRecord);
}

/** @returns whether there was such a request that nobody knew of, or whose answer is kept */
export function* resolveRequest(resolution: RequestResolution, nowMs: number): Script<boolean> {
  const { runId, name, as, by } = resolution;
  const changed = yield* run(
    `update sent_request set state = ?, resolved_by = ?, changed_at = ?, headers = null, body = null
    where run_id = ? and name = ? and (state = 'unknown' or (state = 'answered' and headers is not null))`,
    as === "done" ? "answered" : "planned",
    by,
    nowMs,
    runId,
    name,
  );
  return changed === 1;
}

interface RequestRow extends Omit<RequestRecord, "resolvedBy" | "status"> {
  readonly idempotencyKey: string;
  readonly fingerprint: string;
  readonly status: number | null;
  readonly headers: string | null;
  readonly body: string | null;
  readonly resolvedBy: string | null;
}

const select = `select sent_request.run_id as "runId", run.job, sent_request.name, state, idempotency_key as "idempotencyKey", fingerprint,
    method, address, sends, planned_at as "plannedAtMs", changed_at as "changedAtMs", status, headers, body,
    resolved_by as "resolvedBy"
  from sent_request join run on run.id = sent_request.run_id`;

function toKept(change: RequestChange): Partial<RequestAnswer> {
  if (change.state === "answered") return change.answer;
  return change.state === "sent" || change.status === undefined ? {} : { status: change.status };
}

function toPlanned(row: RequestRow): PlannedRequest {
  const { name, state, idempotencyKey, fingerprint, method, address, sends, status, headers, body } = row;
  // a status alone is that of an answer which was none, or was given up
  const answer =
    status === null || headers === null
      ? undefined
      : { status, headers: JSON.parse(headers) as Readonly<Record<string, string>>, body: body ?? undefined };
  return { name, state, idempotencyKey, fingerprint, method, address, sends, answer };
}

function toRecord(row: RequestRow): RequestRecord {
  const { runId, job, name, state, method, address, sends, plannedAtMs, changedAtMs, status, resolvedBy } = row;
  const more = { status: status ?? undefined, resolvedBy: resolvedBy ?? undefined };
  return { runId, job, name, state, method, address, sends, plannedAtMs, changedAtMs, ...more };
}
