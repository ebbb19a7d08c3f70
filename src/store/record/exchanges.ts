// Exchanges of runs. Not fenced: what an attempt asked a service before it lost its lease was asked.
import { isFailedExchange } from "../../core/connection/exchange.ts";
import type { RunId } from "../../core/run-id.ts";
import { all, idList, one, rowList, run, type Script, type RowValue } from "../rows/script.ts";
import { type ExchangeBatch, type ExchangeRecord, maxKeptExchanges, type Traffic } from "./exchange-records.ts";

/** Adds to the sums of each run, and keeps what there is room for. Forgets those of runs that are no longer there. */
export function* appendExchanges(batches: readonly ExchangeBatch[]): Script<void> {
  if (batches.length === 0) return;
  const ids = idList(new Set(batches.map(({ runId }) => runId)));
  // A worker that lost a run may still write beside the one that has it; who locks the run's row counts first.
  const runs = yield* all<{ id: RunId }>("select id from run where id in (ids ?) order by id for update", ids);
  const there = new Set(runs.map(({ id }) => id));
  const known = yield* all<TrafficRow>(`${selectTraffic} where run_id in (ids ?)`, ids);
  const sums = new Map(known.map((row) => [row.runId, row]));
  const rows = batches.filter(({ runId }) => there.has(runId)).flatMap((batch) => keep(batch, sums));
  if (sums.size > 0) yield* saveTraffic([...sums.values()]);
  if (rows.length > 0) yield* insertExchanges(rows);
}

interface TrafficRow extends Traffic {
  readonly runId: RunId;
  /** Of those that are kept, the failed ones beyond the first 500 of the run. */
  readonly keptLate: number;
}

const selectTraffic = `select run_id as "runId", exchanges, failed, bytes, kept, kept_late as "keptLate" from traffic`;

function keep(batch: ExchangeBatch, sums: Map<RunId, TrafficRow>): readonly Record<string, RowValue>[] {
  const { runId, attempt } = batch;
  const before = sums.get(runId) ?? { runId, exchanges: 0, failed: 0, bytes: 0, kept: 0, keptLate: 0 };
  let { keptLate } = before;
  const kept = batch.kept.filter((exchange) => {
    if (before.exchanges + exchange.position <= maxKeptExchanges) return true;
    if (!isFailedExchange(exchange) || keptLate >= maxKeptExchanges) return false;
    keptLate += 1;
    return true;
  });
  sums.set(runId, {
    runId,
    exchanges: before.exchanges + batch.exchanges,
    failed: before.failed + batch.failed,
    bytes: before.bytes + batch.bytes,
    kept: before.kept + kept.length,
    keptLate,
  });
  return kept.map((exchange) => ({
    run: runId,
    seq: before.exchanges + exchange.position,
    attempt,
    connection: exchange.connection ?? null,
    method: exchange.method,
    address: exchange.address,
    unit: exchange.unit ?? null,
    page: exchange.page ?? null,
    status: exchange.status ?? null,
    error: exchange.error ?? null,
    failed: isFailedExchange(exchange) ? 1 : 0,
    repeat: exchange.repeat,
    started: Math.round(exchange.startedAtMs),
    duration: Math.round(exchange.durationMs),
    bytes: exchange.receivedBytes,
  }));
}

function* saveTraffic(sums: readonly TrafficRow[]): Script<void> {
  yield* run(
    `insert into traffic (run_id, exchanges, failed, bytes, kept, kept_late)
    select cast(r.value ->> 'run' as bigint), cast(r.value ->> 'exchanges' as bigint), cast(r.value ->> 'failed' as bigint),
      cast(r.value ->> 'bytes' as bigint), cast(r.value ->> 'kept' as int), cast(r.value ->> 'late' as int)
    from (rows ?) r where true on conflict (run_id)
    do update set exchanges = excluded.exchanges, failed = excluded.failed, bytes = excluded.bytes,
      kept = excluded.kept, kept_late = excluded.kept_late`,
    rowList(sums.map(({ runId, keptLate, ...sum }) => ({ run: runId, late: keptLate, ...sum }))),
  );
}

function* insertExchanges(rows: readonly Record<string, RowValue>[]): Script<void> {
  yield* run(
    `insert into exchange (run_id, seq, attempt, connection, method, address, unit, page, status, error, failed, repeat,
      started_at, duration, bytes)
    select cast(r.value ->> 'run' as bigint), cast(r.value ->> 'seq' as int), cast(r.value ->> 'attempt' as int),
      r.value ->> 'connection', r.value ->> 'method', r.value ->> 'address', r.value ->> 'unit',
      cast(r.value ->> 'page' as int), cast(r.value ->> 'status' as int), r.value ->> 'error',
      cast(r.value ->> 'failed' as int), cast(r.value ->> 'repeat' as int), cast(r.value ->> 'started' as bigint),
      cast(r.value ->> 'duration' as bigint), cast(r.value ->> 'bytes' as bigint)
    from (rows ?) r`,
    rowList(rows),
  );
}

/** Zeros for a run that asked nothing. */
export function* findTraffic(runId: RunId): Script<Traffic> {
  const row = yield* one<Traffic>("select exchanges, failed, bytes, kept from traffic where run_id = ?", runId);
  return row ?? { exchanges: 0, failed: 0, bytes: 0, kept: 0 };
}

export interface ExchangesRequest {
  readonly runId: RunId;
  readonly isFailed: boolean;
  /** `seq` of the last one of the page before. */
  readonly after: number;
  readonly limit: number;
}

/** By `seq`, a range of the primary key or of the index that has the failed ones. */
export function* listExchanges({ runId, isFailed, after, limit }: ExchangesRequest): Script<readonly ExchangeRecord[]> {
  // In the text, so that the index of failed ones fits.
  const wanted = isFailed ? "and failed = 1" : "";
  const sql = `${select} where run_id = ? and seq > ? ${wanted} order by seq limit ?`;
  return (yield* all<ExchangeRow>(sql, runId, after, Math.max(0, limit))).map(toRecord);
}

/** Of all runs, newest first. */
export function* listExchangesThrough(connection: string, limit: number): Script<readonly ExchangeRecord[]> {
  const sql = `${select} where connection = ? order by started_at desc limit ?`;
  return (yield* all<ExchangeRow>(sql, connection, Math.max(0, limit))).map(toRecord);
}

type Nullable = "connection" | "unit" | "page" | "status" | "error";

type ExchangeRow = Omit<ExchangeRecord, Nullable> & {
  readonly [Name in Nullable]: NonNullable<ExchangeRecord[Name]> | null;
};

const select = `select run_id as "runId", seq, attempt, connection, method, address, unit, page, status, error, repeat,
  started_at as "startedAtMs", duration as "durationMs", bytes as "receivedBytes" from exchange`;

function toRecord({ connection, unit, page, status, error, ...row }: ExchangeRow): ExchangeRecord {
  return {
    ...row,
    ...(connection === null ? {} : { connection }),
    ...(unit === null ? {} : { unit }),
    ...(page === null ? {} : { page }),
    ...(status === null ? {} : { status }),
    ...(error === null ? {} : { error }),
  };
}
