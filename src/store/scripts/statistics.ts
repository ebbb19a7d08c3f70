// How the runs of jobs went, over those that ended in a range of time.
import type { ErrorClass } from "../../core/error-class.ts";
import type { RunSummary } from "../run-records.ts";
import { all, type Script, type SqlValue } from "../script.ts";
import type { JobStatistics, StatisticsRequest } from "../upkeep-store.ts";

interface StatisticsRow {
  readonly job: string;
  readonly finished: number;
  readonly failed: number;
  readonly retries: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly busyMs: number | null;
  readonly records: number | null;
  readonly lastState: RunSummary["state"];
  readonly lastEndedAtMs: number;
}

/**
 * By job name. Reads the outcomes of that time along the index outcome_recent; the durations are of the attempts that ended
 * the runs, and their percentiles are nearest ranks.
 */
export function* jobStatistics(request: StatisticsRequest): Script<JobStatistics[]> {
  const { where, params } = toRange(request);
  const rows = yield* all<StatisticsRow>(
    `with ended as (
      select run.job, outcome.state, outcome.finished_at, outcome.attempt, a.ended_at - a.started_at as duration,
        case when outcome.result like '{%' then coalesce(${countIn("rows")}, ${countIn("records")}) end as records,
        row_number() over (partition by run.job order by outcome.finished_at desc, outcome.run_id desc) as newest,
        row_number() over (partition by run.job
          order by case when a.run_id is null then 1 else 0 end, a.ended_at - a.started_at) as place,
        count(a.run_id) over (partition by run.job) as timed
      from outcome join run on run.id = outcome.run_id
      left join attempt_log a on a.run_id = outcome.run_id and a.epoch = outcome.epoch and a."end" in ('finished', 'failed')
      where ${where})
    select job, count(case when state = 'FINISHED' then 1 end) as finished, count(case when state = 'ERROR' then 1 end) as failed,
      cast(sum(case when attempt > 1 then attempt - 1 else 0 end) as bigint) as retries,
      min(case when duration is not null and place * 2 >= timed then duration end) as "p50Ms",
      min(case when duration is not null and place * 20 >= timed * 19 then duration end) as "p95Ms",
      cast(sum(duration) as bigint) as "busyMs", cast(sum(records) as bigint) as records,
      max(case when newest = 1 then state end) as "lastState", max(finished_at) as "lastEndedAtMs"
    from ended group by job order by job`,
    ...params,
  );
  const errors = yield* countErrors(request);
  return rows.map(({ p50Ms, p95Ms, busyMs, records, ...row }) => ({
    ...row,
    p50Ms: p50Ms ?? undefined,
    p95Ms: p95Ms ?? undefined,
    busyMs: busyMs ?? 0,
    records: records ?? undefined,
    errorClasses: errors.get(row.job) ?? {},
  }));
}

function* countErrors(request: StatisticsRequest): Script<ReadonlyMap<string, JobStatistics["errorClasses"]>> {
  const { where, params } = toRange(request);
  const rows = yield* all<{ job: string; errorClass: ErrorClass; count: number }>(
    `select job, "errorClass", count(*) as count from (
      select run.job, coalesce(json_text(outcome.error) ->> 'errorClass', 'unknown') as "errorClass"
      from outcome join run on run.id = outcome.run_id
      where outcome.state = 'ERROR' and outcome.error is not null and ${where}) failed
    group by job, "errorClass" order by job, "errorClass"`,
    ...params,
  );
  const byJob = Map.groupBy(rows, ({ job }) => job);
  return new Map(
    [...byJob].map(([job, classes]) => [
      job,
      Object.fromEntries(classes.map(({ errorClass, count }) => [errorClass, count])),
    ]),
  );
}

function toRange({ sinceMs, untilMs = Number.MAX_SAFE_INTEGER, job }: StatisticsRequest): {
  where: string;
  params: SqlValue[];
} {
  const where = "outcome.finished_at >= ? and outcome.finished_at < ?";
  return job === undefined
    ? { where, params: [sinceMs, untilMs] }
    : { where: `${where} and run.job = ?`, params: [sinceMs, untilMs, job] };
}

// A count that a result states; what is no plain number of up to 15 digits is left out.
function countIn(field: string): string {
  const text = `cast(json_text(outcome.result) ->> '${field}' as text)`;
  return `case when trim(${text}, '0123456789') = '' and length(${text}) between 1 and 15 then cast(${text} as bigint) end`;
}
