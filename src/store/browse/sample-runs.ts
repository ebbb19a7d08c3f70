// A sample of the runs of a time, evenly spread, of a size that does not grow with the history. The ids of a range are cut
// into strides of one length and one id of each is looked at, so a stride that is busier is not looked at more closely.
import type { RunId } from "../../core/run-id.ts";
import type { SeriesRequest } from "./browse-store.ts";
import { all, idList, one, type Script } from "../rows/script.ts";
import { findIdAt, idSlackMs } from "../rows/ids-by-time.ts";
import { recordsColumn, toCount } from "../rows/recent-runs.ts";
import { firstAttemptColumn } from "../rows/run-state-columns.ts";

export interface Sample {
  readonly runs: readonly SampledRun[];
  /** How many runs each of them stands for. */
  readonly oneIn: number;
}

/** A run that ended. */
export interface SampledRun {
  readonly runId: RunId;
  readonly job: string;
  readonly state: "FINISHED" | "ERROR";
  readonly finishedAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly durationMs: number | undefined;
  /** From its creation to its first claim, of runs that waited for nothing else. */
  readonly queueMs: number | undefined;
  readonly records: number | undefined;
  readonly metrics: string | undefined;
}

/** Runs that were made this long before a range are looked at, too, for they may have ended in it. */
const maxLookBackMs = 6 * 3_600_000;
/** Up to so many runs of a job are counted to find out how many there are. */
const maxCounted = 100_000;

/**
 * About `size` runs of the range, ended or not; those that ended in it are returned, by id. Pipelines count only where they
 * are asked for by name: their members are what works.
 */
export function* sampleRuns({ job, fromMs, toMs }: Omit<SeriesRequest, "bucketMs">, size: number): Script<Sample> {
  const lookBackMs = Math.min(toMs - fromMs, maxLookBackMs);
  const from = yield* findIdAt(fromMs - lookBackMs - idSlackMs);
  const before = yield* findIdAt(toMs + idSlackMs);
  const { ids, oneIn } =
    job === undefined ? everyFew(from, before, size) : yield* chooseOfJob(job, { from, before }, size);
  if (ids.length === 0) return { runs: [], oneIn };
  const rows = yield* all<SampleRow>(
    `${job === undefined ? `${select} and r.kind = 'job'` : `${select} and r.job = ?`} and o.finished_at >= ? and o.finished_at < ?`,
    idList(ids),
    ...(job === undefined ? [] : [job]),
    fromMs,
    toMs,
  );
  return { runs: rows.map(toRun), oneIn };
}

interface Chosen {
  readonly ids: readonly number[];
  readonly oneIn: number;
}

// Ids without a run are as many as there are gaps, and count for nothing, as they should.
function everyFew(from: number, before: number, size: number): Chosen {
  const oneIn = Math.max(1, Math.ceil((before - from) / size));
  const ids: number[] = [];
  for (let stride = 0; from + stride * oneIn < before; stride += 1) {
    const id = from + stride * oneIn + scatter(stride, oneIn);
    if (id < before) ids.push(id);
  }
  return { ids, oneIn };
}

// Pipelines are submitted whole, so the same job has every tenth id, say; a fixed place in each stride might always miss it.
function scatter(stride: number, length: number): number {
  return (((stride % 65_521) * 48_271) % 65_521) % length;
}

function* chooseOfJob(job: string, range: { from: number; before: number }, size: number): Script<Chosen> {
  const { from, before } = range;
  const row = yield* one<{ count: number }>(
    `select count(*) as count from (select id from run where job = ? and id >= ? and id < ? limit ${maxCounted}) x`,
    job,
    from,
    before,
  );
  const count = row?.count ?? 0;
  // A job with so many runs is found often enough among all.
  if (count >= maxCounted) return everyFew(from, before, size * 3);
  const oneIn = Math.max(1, Math.ceil(count / size));
  const rows = yield* all<{ id: number }>(
    `select id from run where job = ? and id >= ? and id < ? and ((id % 65521) * 48271) % 65521 % ? = 0`,
    job,
    from,
    before,
    oneIn,
  );
  return { ids: rows.map(({ id }) => id), oneIn };
}

interface SampleRow {
  readonly runId: RunId;
  readonly job: string;
  readonly isPipeline: number;
  readonly isQueued: number;
  readonly createdAtMs: number;
  readonly state: "FINISHED" | "ERROR";
  readonly finishedAtMs: number;
  readonly begunAtMs: number | null;
  readonly startedAtMs: number | null;
  readonly endedAtMs: number | null;
  readonly records: string | null;
  readonly metrics: string | null;
}

const select = `select r.id as "runId", r.job, case when r.kind = 'pipeline' then 1 else 0 end as "isPipeline",
    case when r.parent_run_id is null and o.epoch = 1 then 1 else 0 end as "isQueued", r.created_at as "createdAtMs",
    o.state, o.finished_at as "finishedAtMs", ps.started_at as "begunAtMs", ${firstAttemptColumn} as "startedAtMs",
    a.ended_at as "endedAtMs", ${recordsColumn} as records, a.metrics
  from run r join outcome o on o.run_id = r.id
  left join attempt_log a on a.run_id = o.run_id and a.epoch = o.epoch and a."end" in ('finished', 'failed')
  left join pipeline_start ps on r.kind = 'pipeline' and ps.run_id = r.id
  where r.id in (ids ?)`;

// A run lasts from its first start to its end, a pipeline from the first claim of a member; its own attempt only sums it up.
function toRun(row: SampleRow): SampledRun {
  const startedAtMs = (row.isPipeline === 1 ? row.begunAtMs : row.startedAtMs) ?? undefined;
  const endedAtMs = row.isPipeline === 1 ? row.finishedAtMs : row.endedAtMs;
  const hasTimes = startedAtMs !== undefined && endedAtMs !== null;
  return {
    runId: row.runId,
    job: row.job,
    state: row.state,
    finishedAtMs: row.finishedAtMs,
    startedAtMs,
    durationMs: hasTimes ? Math.max(0, endedAtMs - startedAtMs) : undefined,
    queueMs: hasTimes && row.isQueued === 1 ? Math.max(0, startedAtMs - row.createdAtMs) : undefined,
    records: toCount(row.records),
    metrics: row.metrics ?? undefined,
  };
}
