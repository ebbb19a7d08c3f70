// Ends leases: one statement does all that a batch needs, as long as nobody asked anything of its runs. Dependants are woken
// in the same transaction, by the script that both databases share.
import { fingerprintError } from "../../core/errors/error-fingerprint.ts";
import type { RunId } from "../../core/run-id.ts";
import type { Settlement, SettleResult } from "../rows/run-records.ts";
import { describeError, describeRetry, describeSnooze } from "../rows/describe-error.ts";
import { encodeError } from "../rows/encode-error.ts";
import { listTroubled } from "../notifications/incident-book.ts";
import { settle as settleByScript } from "../settle/settle.ts";
import { type EndedRun, wakeDependants } from "../settle/wake-dependants.ts";
import type { Param, Session, Statement } from "./database.ts";
import { runScript } from "./run-script.ts";

export interface SettlerOptions {
  readonly db: Session;
  /** The time for tests; `null`: the database's clock. */
  readonly readNow: () => number | null;
  /** Commits what the work did, all or nothing. */
  readonly transact: <T>(work: (session: Session, nowMs: number) => Promise<T>) => Promise<T>;
  /** Whether others may wait for some of these; the leases know it for sure. */
  readonly mayWake: (settlements: readonly Settlement[]) => boolean;
}

/**
 * Settles a batch: in one statement where nobody waits for the runs, else in a transaction that wakes the dependants, too.
 * What the statement leaves alone is told apart by the script: leases that are lost, and those of which somebody asks something.
 */
export async function settle(options: SettlerOptions, settlements: readonly Settlement[]): Promise<SettleResult> {
  const { plain, rest } = split(await withoutNeedless(options.db, settlements));
  if (plain.length === 0 || rest.length > 0 || options.mayWake(plain))
    return await settleAndWake(options, { plain, rest });
  const settled = await settlePlain(options.db, plain, { nowMs: options.readNow(), wakes: false });
  const left = plain.filter(({ runId }) => !settled.has(runId));
  const readied = countReleased(plain, settled);
  if (left.length === 0) return { lostRunIds: [], readied };
  const result = await settleAndWake(options, { plain: left, rest: [] });
  return { lostRunIds: result.lostRunIds, readied: result.readied + readied };
}

// Most runs finish after runs that finished, and then nobody is told that all is well again: one look for the whole batch spares them
// the transaction of a script.
async function withoutNeedless(session: Session, settlements: readonly Settlement[]): Promise<readonly Settlement[]> {
  const recoveries = settlements.flatMap(({ notices = [] }) => notices.filter(({ event }) => event === "recovered"));
  if (recoveries.length === 0) return settlements;
  const troubled = await runScript(session, listTroubled([...new Set(recoveries.map(({ job }) => job))]));
  return settlements.map(({ notices = [], ...settlement }) => {
    return { ...settlement, notices: notices.filter(({ event, job }) => event !== "recovered" || troubled.has(job)) };
  });
}

interface Batch {
  readonly plain: readonly PlainSettlement[];
  readonly rest: readonly Settlement[];
}

async function settleAndWake({ transact }: SettlerOptions, { plain, rest }: Batch): Promise<SettleResult> {
  return await transact(async (session, nowMs) => {
    const settled = await settlePlain(session, plain, { nowMs, wakes: true });
    const ended = plain.flatMap(({ runId, end }): EndedRun[] => {
      if (settled.get(runId) !== true || !(end === "finished" || end === "failed")) return [];
      return [{ runId, verdict: end }];
    });
    const readied = countReleased(plain, settled) + (await runScript(session, wakeDependants(ended, nowMs)));
    const left = [...plain.filter(({ runId }) => !settled.has(runId)), ...rest];
    if (left.length === 0) return { lostRunIds: [], readied };
    const result = await runScript(session, settleByScript(left, nowMs));
    return { lostRunIds: result.lostRunIds, readied: result.readied + readied };
  });
}

// @returns the runs whose leases were ended, each with whether others wait for it
async function settlePlain(
  session: Session,
  plain: readonly PlainSettlement[],
  { nowMs, wakes }: { nowMs: number | null; wakes: boolean },
): Promise<ReadonlyMap<RunId, boolean>> {
  if (plain.length === 0) return new Map();
  const fingerprints = plain.map((settlement) =>
    settlement.end === "failed" ? fingerprintError(settlement.error) : null,
  );
  const params = [nowMs, ...toArrays(plain), wakes, fingerprints];
  const { rows } = await session.query<{ runId: RunId; hasChildren: number }>(endLeases, params);
  return new Map(rows.map(({ runId, hasChildren }) => [runId, hasChildren === 1]));
}

function countReleased(plain: readonly PlainSettlement[], settled: ReadonlyMap<RunId, boolean>): number {
  return plain.filter(({ runId, end }) => end === "released" && settled.has(runId)).length;
}

/** A settlement that the statement can express. */
type PlainSettlement = Exclude<Settlement, { readonly end: "paused" }>;

// Sorted by id, so that two batches wait for each other in one direction.
function split(settlements: readonly Settlement[]): Batch {
  const plain = new Map<RunId, PlainSettlement>();
  const rest: Settlement[] = [];
  for (const settlement of settlements) {
    const isPlain =
      settlement.end !== "paused" && (settlement.events ?? []).length === 0 && (settlement.notices ?? []).length === 0;
    // The first of two that name the same lease ends it; the script finds the other lost.
    if (isPlain && !plain.has(settlement.runId)) plain.set(settlement.runId, settlement);
    else rest.push(settlement);
  }
  return { plain: [...plain.values()].toSorted((a, b) => a.runId - b.runId), rest };
}

/*
 * One statement, one transaction. The delete by primary key is the fence; a lease of which somebody asks something while this
 * waits for its row has changed, so it is looked at again and left alone. All else is inserted from what was deleted; slots,
 * keys and the newest event are one look-up each.
 */
const endLeases: Statement = {
  name: "settle",
  text: `with moment as materialized (
      select coalesce($1::bigint, (extract(epoch from clock_timestamp()) * 1000)::bigint) as at),
    gone as (delete from lease using
        unnest($2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[],
          $11::text[], $13::text[]) ended (run_id, epoch, "end", reason, result, error, delay, metrics, code, detail, fingerprint)
      where lease.run_id = ended.run_id and lease.epoch = ended.epoch and (lease.has_children = 0 or $12::boolean) and lease.asked = 0
      returning lease.run_id, lease.lane_id, lease.priority, lease.epoch, lease.attempt, lease.has_children, lease.worker_id, lease.started_at,
        ended."end", ended.reason, ended.result, ended.error, ended.delay, ended.metrics, ended.code, ended.detail,
        ended.fingerprint),
    attempts as (insert into attempt_log
        (run_id, epoch, attempt, worker_id, started_at, ended_at, "end", error, metrics, code)
      select run_id, epoch, attempt, worker_id, started_at, moment.at, "end", error, metrics, code from gone, moment),
    outcomes as (insert into outcome
        (run_id, lane_id, priority, epoch, attempt, has_children, state, reason, result, error, finished_at,
        fingerprint, failed_root)
      select run_id, lane_id, priority, epoch, attempt, has_children, case "end" when 'finished' then 'FINISHED' else 'ERROR' end, reason,
        result, error, moment.at, fingerprint, case "end" when 'failed' then
          (select case when run.parent_run_id is null then 1 else 0 end from run where run.id = gone.run_id) end
      from gone, moment where "end" in ('finished', 'failed')),
    later as (insert into scheduled (run_id, lane_id, priority, epoch, attempt, has_children, run_at, reason)
      select run_id, lane_id, priority, epoch, case "end" when 'retry' then attempt else attempt - 1 end, has_children, at + delay,
        case "end" when 'retry' then 'waiting_retry' else 'waiting_poll' end from gone, moment where "end" in ('retry', 'snoozed')),
    back as (insert into ready (run_id, lane_id, priority, epoch, attempt, has_children)
      select run_id, lane_id, priority, epoch, attempt - 1, has_children from gone where "end" = 'released' order by run_id),
    slots as (delete from slot using gone where slot.run_id = gone.run_id),
    keys as (delete from run_key using gone where run_key.run_id = gone.run_id and gone."end" in ('finished', 'failed')),
    events as (insert into event (run_id, seq, type, data, at)
      select run_id, 1 + coalesce((select max(event.seq) from event where event.run_id = gone.run_id), 0),
        case "end" when 'retry' then 'retry_scheduled' else "end" end,
        case "end" when 'released' then detail when 'snoozed' then '{"runAtMs":' || at + delay || detail
          when 'retry' then '{"attempt":' || attempt || ',"runAtMs":' || at + delay || detail
          else '{"attempt":' || attempt || detail end, moment.at
      from gone, moment)
  select run_id as "runId", has_children as "hasChildren" from gone`,
};

function toArrays(settlements: readonly PlainSettlement[]): Param[] {
  const column = (value: (settlement: PlainSettlement) => string | number | null): Param => settlements.map(value);
  return [
    column(({ runId }) => runId),
    column(({ epoch }) => epoch),
    column(({ end }) => end),
    column((settlement) => ("reason" in settlement ? (settlement.reason ?? null) : null)),
    // A handler that returns nothing has the result null.
    column((settlement) => (settlement.end === "finished" ? JSON.stringify(settlement.result ?? null) : null)),
    column((settlement) => ("error" in settlement ? encodeError(settlement.error) : null)),
    column((settlement) => ("delayMs" in settlement ? Math.ceil(settlement.delayMs) : null)),
    column(({ metrics }) => (metrics === undefined ? null : JSON.stringify(metrics))),
    column(({ code }) => code ?? null),
    column(eventDetail),
  ];
}

// Gives the part of the last event's data that follows the number of the attempt and when the next is due, which the database
// adds.
function eventDetail(settlement: PlainSettlement): string | null {
  switch (settlement.end) {
    case "finished":
      return rest(settlement.reason === undefined ? {} : { reason: settlement.reason });
    case "failed":
      return rest({ reason: settlement.reason, ...describeError(settlement.error) });
    case "retry":
      return rest(describeRetry(settlement));
    case "snoozed":
      return rest(describeSnooze(settlement));
    case "released":
      return null;
  }
}

function rest(fields: object): string {
  const json = JSON.stringify(fields);
  return json === "{}" ? "}" : `,${json.slice(1)}`;
}
