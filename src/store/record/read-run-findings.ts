// Findings about a run: each statement goes along the primary keys of the run and of at most 1,000 runs in it.
import type { JobEventRow } from "../rows/job-event-row.ts";
import type { DatasetLocation } from "../../core/dataset/dataset.ts";
import type { RunId } from "../../core/run-id.ts";
import { findTraffic } from "./exchanges.ts";
import type { FailedUnit, NamedDataset, RunFindings } from "./run-findings.ts";
import type { Json } from "../rows/run-records.ts";
import { all, idList, one, rowList, type Script } from "../rows/script.ts";
import { listAttempts } from "../rows/run-history.ts";
import { listWithMembers } from "./list-with-members.ts";

const maxUnits = 200_000;
const maxEvents = 1_000;
const eventsOfRun = 500;
const maxAttempts = 100;
const maxFailedUnits = 10;

export function* readRunFindings(runId: RunId): Script<RunFindings> {
  const tree = yield* listWithMembers(runId);
  const ids = idList(tree);
  const units = yield* countUnits(ids);
  return {
    executing: yield* findExecuting(runId),
    attempts: yield* listAttempts(runId, maxAttempts),
    lastSeq: yield* findLastSeq(runId),
    units,
    traffic: yield* findTraffic(runId),
    failedUnits: units.failed === 0 ? [] : yield* listFailedUnits(ids),
    firstFailedRunId: tree.length === 1 ? undefined : yield* findFirstFailed(runId),
    events: yield* listFindings(ids),
    codes: yield* listCodes(ids),
    named: yield* listNamed(ids),
  };
}

function* findExecuting(runId: RunId): Script<RunFindings["executing"]> {
  return yield* one<NonNullable<RunFindings["executing"]>>(
    `select coalesce(worker.name, '') as worker, lease.epoch, lease.attempt, lease.started_at as "startedAtMs"
    from lease left join worker on worker.id = lease.worker_id where lease.run_id = ?`,
    runId,
  );
}

function* findLastSeq(runId: RunId): Script<number> {
  const row = yield* one<{ seq: number | null }>("select max(seq) as seq from event where run_id = ?", runId);
  return row?.seq ?? 0;
}

function* countUnits(ids: string): Script<RunFindings["units"]> {
  const rows = yield* all<{ state: "done" | "failed"; count: number }>(
    `select state, count(*) as count from (select state from unit where run_id in (ids ?) limit ?) u group by state`,
    ids,
    maxUnits,
  );
  const countOf = (state: string): number => rows.find((row) => row.state === state)?.count ?? 0;
  return { done: countOf("done"), failed: countOf("failed") };
}

function* listFailedUnits(ids: string): Script<readonly FailedUnit[]> {
  const rows = yield* all<Omit<FailedUnit, "error"> & { readonly error: string | null }>(
    `select u.run_id as "runId", r.job, u.unit_key as key, u.error from unit u ordered join run r on r.id = u.run_id
    where u.run_id in (ids ?) and u.state = 'failed' order by u.run_id, u.loop, u.unit_key limit ?`,
    ids,
    maxFailedUnits,
  );
  return rows.map(({ error, ...unit }) => ({ ...unit, error: error ?? undefined }));
}

function* findFirstFailed(runId: RunId): Script<RunId | undefined> {
  const row = yield* one<{ id: RunId }>(
    `select r.id from run r ordered join outcome o on o.run_id = r.id where r.parent_run_id = ? and o.state = 'ERROR'
    order by case when o.reason in ('upstream_failed', 'cancelled') then 1 else 0 end, o.finished_at, r.id limit 1`,
    runId,
  );
  return row?.id;
}

// A handler may write as many events as it likes, so only the newest of each run are looked at.
function* listFindings(ids: string): Script<RunFindings["events"]> {
  const rows = yield* all<JobEventRow>(
    `select r.id as "runId", r.job, e.seq, e.type, e.data, e.at as "atMs" from run r ordered join event e on e.run_id = r.id
      and e.seq > (select max(newest.seq) from event newest where newest.run_id = r.id) - cast(? as bigint)
    where r.id in (ids ?) and e.type in ('dataset_published', 'computed_elsewhere', 'checks_evaluated', 'quarantined', 'metric_breached', 'warning')
    order by r.id, e.seq limit ?`,
    eventsOfRun,
    ids,
    maxEvents,
  );
  return rows.map(({ data, ...row }) => (data === null ? row : { ...row, data: JSON.parse(data) as Json }));
}

function* listCodes(ids: string): Script<ReadonlyMap<string, string>> {
  const rows = yield* all<{ job: string; code: string }>(
    `select r.job, a.code from run r ordered join attempt_log a on a.run_id = r.id
      and a.epoch = (select max(newest.epoch) from attempt_log newest where newest.run_id = r.id)
    where r.id in (ids ?) and a.code is not null order by r.id`,
    ids,
  );
  return new Map(rows.map(({ job, code }) => [job, code]));
}

interface ResultRow {
  readonly runId: RunId;
  readonly job: string;
  readonly dataset: string | null;
  readonly version: string | null;
}

// Results are the handlers' own: what looks like a version is one only when the registry has it.
function* listNamed(ids: string): Script<readonly NamedDataset[]> {
  const results = yield* all<ResultRow>(
    `select r.id as "runId", r.job, json_text(o.result) ->> 'dataset' as dataset,
      cast(json_text(o.result) ->> 'version' as text) as version
    from run r ordered join outcome o on o.run_id = r.id
    where r.id in (ids ?) and o.result like '{%"dataset"%' order by r.id`,
    ids,
  );
  const claimed = results.flatMap(({ runId, job, dataset, version }) =>
    dataset === null || version === null || !/^[1-9]\d{0,8}$/.test(version) ? [] : [{ runId, job, dataset, version }],
  );
  if (claimed.length === 0) return [];
  const rows = yield* all<NamedRow>(
    `select cast(r.value ->> 'run' as bigint) as "runId", r.value ->> 'job' as job, d.name as dataset, d.version,
      d.row_count as "rowCount", d.locations, d.run_id as "publishedBy"
    from (rows ?) r join dataset d on d.name = r.value ->> 'dataset' and d.version = cast(r.value ->> 'version' as int)
    order by 1, 3`,
    rowList(claimed.map(({ runId, job, dataset, version }) => ({ run: runId, job, dataset, version }))),
  );
  return rows.map(({ publishedBy, locations, ...row }) => ({
    ...row,
    locations: JSON.parse(locations) as DatasetLocation[],
    isOwn: publishedBy === row.runId,
  }));
}

interface NamedRow extends Omit<NamedDataset, "isOwn" | "locations"> {
  readonly locations: string;
  readonly publishedBy: RunId;
}
