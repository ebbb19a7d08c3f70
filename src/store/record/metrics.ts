// Figures of runs. A run has one row for each name and its labels, which its last value overwrites.
import { maxMetrics, type MetricLabels } from "../../core/metric/metric.ts";
import { tooMany } from "../../core/metric/metric-book.ts";
import type { RunId } from "../../core/run-id.ts";
import { assertLease } from "../rows/fence.ts";
import type { Fence } from "../rows/run-records.ts";
import { all, one, rowList, run, type Script } from "../rows/script.ts";
import type { MetricPage, MetricPoint, MetricVerdict, RecordedMetric } from "./metric-records.ts";

/** @throws MillraceError `RUN_LOST` | `VALUE_INVALID` beyond `maxMetrics`, also of attempts before */
export function* recordMetrics(
  fence: Fence,
  attempt: number,
  metrics: readonly RecordedMetric[],
  nowMs: number,
): Script<void> {
  yield* assertLease(fence);
  if (metrics.length === 0) return;
  yield* run(
    `insert into metric (run_id, name, labels, job, value, unit, breach, attempt, at)
    select run.id, r.value ->> 'name', r.value ->> 'labels', run.job, cast(r.value ->> 'value' as double precision),
      r.value ->> 'unit', r.value ->> 'breach', cast(? as int), cast(? as bigint)
    from (rows ?) r join run on run.id = ? where true on conflict (run_id, name, labels)
    do update set value = excluded.value, unit = excluded.unit, breach = excluded.breach, attempt = excluded.attempt,
      at = excluded.at`,
    attempt,
    nowMs,
    rowList(
      metrics.map(({ name, labels, value, unit, breach }) => ({
        name,
        labels: JSON.stringify(labels),
        value,
        unit: unit ?? null,
        breach: breach ?? null,
      })),
    ),
    fence.runId,
  );
  const kept = yield* one<{ count: number }>("select count(*) as count from metric where run_id = ?", fence.runId);
  if ((kept?.count ?? 0) > maxMetrics) throw tooMany(metrics.at(-1)?.name ?? "");
}

/** A range of the primary key. */
export function* listRunMetrics(runId: RunId): Script<readonly MetricPoint[]> {
  return (yield* all<MetricRow>(`${select} where run_id = ? order by name, labels`, runId)).map(toPoint);
}

/** A range of the index `metric_of_job`. */
export function* listMetricHistory({ job, name, after, limit }: MetricPage): Script<readonly MetricPoint[]> {
  const rows = yield* all<MetricRow>(
    `${select} where job = ? and name = ? and (run_id, labels) < (?, ?) order by run_id desc, labels desc limit ?`,
    job,
    name,
    after?.runId ?? Number.MAX_SAFE_INTEGER,
    after === undefined ? "" : JSON.stringify(after.labels),
    Math.max(0, limit),
  );
  return rows.map(toPoint);
}

const maxNewest = 1_000;

/** Hops from name to name, and takes of each what the newest run with it has. */
export function* listNewestMetrics(job: string): Script<readonly MetricPoint[]> {
  const rows = yield* all<MetricRow>(
    `with recursive known (known_name) as (select min(name) from metric where job = ?
      union all select (select min(name) from metric where job = ? and name > known_name) from known
        where known_name is not null)
    select ${columns} from known ordered join metric on job = ? and name = known_name
    where run_id = (select max(run_id) from metric newest where newest.job = ? and newest.name = known_name)
    order by name, labels limit ${maxNewest}`,
    job,
    job,
    job,
    job,
  );
  return rows.map(toPoint);
}

/** Hops from figure to figure of all jobs, at most `limit` times. */
export function* listLastMetrics(limit: number): Script<readonly MetricPoint[]> {
  const rows = yield* all<MetricRow>(
    `with recursive known (place, known_job, known_name) as (
      select 1, job, name from (select job, name from metric order by job, name limit 1) first_one
      union all select place + 1, (${nextFigure("job")}), (${nextFigure("name")}) from known
        where known_job is not null and place < ?)
    select ${columns} from known ordered join metric on job = known_job and name = known_name
    where labels = '{}' and run_id = (select max(run_id) from metric newest
      where newest.job = known_job and newest.name = known_name and newest.labels = '{}')
    order by job, name`,
    Math.max(1, limit),
  );
  return rows.map(toPoint);
}

// One look into the index for each column: a recursive query has no other way to carry two.
function nextFigure(column: "job" | "name"): string {
  return `select ${column} from metric where (job, name) > (known_job, known_name) order by job, name limit 1`;
}

const columns = `run_id as "runId", job, name, labels, value, unit, breach, attempt, at as "atMs"`;
const select = `select ${columns} from metric`;

interface MetricRow {
  readonly runId: RunId;
  readonly job: string;
  readonly name: string;
  readonly labels: string;
  readonly value: number;
  readonly unit: string | null;
  readonly breach: MetricVerdict | null;
  readonly attempt: number;
  readonly atMs: number;
}

function toPoint({ labels, unit, breach, ...row }: MetricRow): MetricPoint {
  return {
    ...row,
    labels: JSON.parse(labels) as MetricLabels,
    ...(unit === null ? {} : { unit }),
    ...(breach === null ? {} : { breach }),
  };
}
