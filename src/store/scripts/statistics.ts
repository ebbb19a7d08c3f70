// How the runs of jobs went, over those that ended since a time.
import type { RunSummary } from "../run-records.ts";
import { all, type Script, type SqlValue } from "../script.ts";
import type { JobStatistics } from "../upkeep-store.ts";

interface StatisticsRow {
  readonly job: string;
  readonly finished: number;
  readonly failed: number;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly records: number | null;
  readonly lastState: RunSummary["state"];
  readonly lastEndedAtMs: number;
}

/**
 * By job name. Reads the outcomes of that time along the index outcome_recent; the durations are of the attempts that ended
 * the runs, and their percentiles are nearest ranks.
 */
export function* jobStatistics({ sinceMs, job }: { sinceMs: number; job?: string }): Script<JobStatistics[]> {
  const only = job === undefined ? "" : "and run.job = ?";
  const params: SqlValue[] = job === undefined ? [sinceMs] : [sinceMs, job];
  const rows = yield* all<StatisticsRow>(
    `with ended as (
      select run.job, outcome.run_id, outcome.state, outcome.finished_at, a.ended_at - a.started_at as duration,
        case when outcome.result like '{%' then coalesce(${recordsOf("rows")}, ${recordsOf("records")}) end as records,
        row_number() over (partition by run.job order by outcome.finished_at desc, outcome.run_id desc) as newest,
        row_number() over (partition by run.job
          order by case when a.run_id is null then 1 else 0 end, a.ended_at - a.started_at) as place,
        count(a.run_id) over (partition by run.job) as timed
      from outcome join run on run.id = outcome.run_id
      left join attempt_log a on a.run_id = outcome.run_id and a.epoch = outcome.epoch and a."end" in ('finished', 'failed')
      where outcome.finished_at >= ? ${only})
    select job, sum(case when state = 'FINISHED' then 1 else 0 end) as finished,
      sum(case when state = 'ERROR' then 1 else 0 end) as failed,
      min(case when duration is not null and place * 2 >= timed then duration end) as "p50Ms",
      min(case when duration is not null and place * 20 >= timed * 19 then duration end) as "p95Ms",
      sum(records) as records, max(case when newest = 1 then state end) as "lastState",
      max(finished_at) as "lastEndedAtMs"
    from ended group by job order by job`,
    ...params,
  );
  return rows.map(({ p50Ms, p95Ms, records, ...row }) => ({
    ...row,
    p50Ms: p50Ms ?? undefined,
    p95Ms: p95Ms ?? undefined,
    records: records ?? undefined,
  }));
}

// A count of `result`; what is no number there is left out.
function recordsOf(field: string): string {
  const value = `json_text(outcome.result) ->> '${field}'`;
  const text = `cast(${value} as text)`;
  return `case when ${text} >= '0' and ${text} < ':' then cast(${value} as double precision) end`;
}
