// Figures of pull requests for each service and period, out of the published rows of each pull request.
import type { SettledRules } from "../rules/rules.ts";
import { quote } from "../sql-values.ts";

/**
 * One row for each service, period (`week` from Monday on, `month`, `all`) and metric, in the columns of `delivery_dora`. Pull requests of bots
 * are left out. One counts as opened when it was created, in the merge rate when it was closed, and in everything else when it was merged;
 * what is open is measured once over all, at the last instant that is known of any pull request. `value` is the median (continuous) of
 * times, sizes and counts, or a share; what has no value is NULL and counted against the coverage.
 *
 * Definitions: §PR metrics of https://devlake.apache.org/docs/Metrics: size, time to first review, review depth, merged without review, merge
 * rate, opened and merged, rework, age of open ones. Needs `pull_requests`, the rows of `delivery_pull_request_metrics`.
 */
export function pullRequestFigures({ timezone, leastValues, calendar }: SettledRules): string {
  const zone = quote(timezone);
  return `with ${periodTables(zone)},
  figures as (${[...counts, ...[...medians, ...(calendar === null ? [] : working)].map((one) => median(one)), ...shares, ...open].join("\nunion all by name\n")})
  select p.service, p.period, p.start_at, p.end_at, p.is_complete, f.metric, f.unit, f.value, f.n,
    f.p50, f.p75, f.p90, f.coverage, f.n < ${leastValues} as is_few
  from figures f join periods p using (service, period, start_at)`;
}

function periodTables(zone: string): string {
  const placed = (happened: string, column: string): readonly string[] => [
    ...["week", "month"].map(
      (period) => `select *, '${happened}' as happened, '${period}' as period,
        date_trunc('${period}', ${column} at time zone ${zone}) at time zone ${zone} as start_at from people where ${column} is not null`,
    ),
    `select x.*, '${happened}' as happened, 'all' as period, s.first_at as start_at from people x join spans s using (service) where x.${column} is not null`,
  ];
  return `horizon as (select max(last_active_at) as instant from pull_requests),
  people as (select * from pull_requests where not is_bot),
  spans as (select service, min(created_at) as first_at from people group by all),
  steps as (select * from (values ('week', interval 7 day), ('month', interval 1 month)) s(period, step)),
  local_periods as (
    select s.service, t.period, t.step, unnest(generate_series(
      date_trunc(t.period, s.first_at at time zone ${zone}), date_trunc(t.period, h.instant at time zone ${zone}), t.step)) as local_start
    from spans s cross join steps t cross join horizon h),
  periods as (
    select service, period, local_start at time zone ${zone} as start_at, (local_start + step) at time zone ${zone} as end_at,
      (local_start + step) at time zone ${zone} <= (select instant from horizon) as is_complete
    from local_periods
    union all
    select s.service, 'all', s.first_at, h.instant + interval 1 second, true from spans s cross join horizon h),
  placed as (${[...placed("opened", "created_at"), ...placed("merged", "merged_at"), ...placed("closed", "closed_at"), ...placed("deployed", "deployed_at")].join("\nunion all by name\n")}),
  waiting as (
    select x.*, s.first_at as start_at, epoch((select instant from horizon))::bigint - epoch(x.ready_at)::bigint as age_seconds
    from people x join spans s using (service) where x.state = 'open' and x.ready_at is not null)`;
}

function count(metric: string, happened: string, condition = "true"): string {
  return `select p.service, p.period, p.start_at, '${metric}' as metric, 'pull requests' as unit, count(x.number)::double as value,
    count(x.number) as n, 1.0 as coverage
  from periods p left join placed x on x.service = p.service and x.period = p.period and x.start_at = p.start_at
    and x.happened = '${happened}' and ${condition} group by all`;
}

const counts: readonly string[] = [
  count("pull_requests_opened", "opened"),
  count("pull_requests_merged", "merged"),
  count("pull_requests_closed_unmerged", "closed", "x.merged_at is null"),
];

const medians: readonly (readonly [metric: string, column: string, unit: string])[] = [
  ["pull_request_size", "changed_lines", "lines"],
  ["time_to_first_review", "first_review_seconds", "seconds"],
  ["pull_request_cycle_time", "cycle_seconds", "seconds"],
  ["reviews_per_pull_request", "reviews", "reviews"],
  ["review_rounds", "review_rounds", "rounds"],
  ["commits_after_review", "commits_after_review", "commits"],
];

/** With a calendar; the lead time goes by when the change was deployed, as that of the clock does. */
const working: readonly (readonly [metric: string, column: string, unit: string, happened?: string])[] = [
  ["time_to_first_review_working", "first_review_working_seconds", "seconds"],
  ["pull_request_cycle_time_working", "cycle_working_seconds", "seconds"],
  ["change_lead_time_working", "lead_working_seconds", "seconds", "deployed"],
];

function median([metric, column, unit, happened = "merged"]: (typeof working)[number]): string {
  return `select service, period, start_at, '${metric}' as metric, '${unit}' as unit, median(${column})::double as value, count(${column}) as n,
    quantile_cont(${column}::double, 0.5) as p50, quantile_cont(${column}::double, 0.75) as p75, quantile_cont(${column}::double, 0.9) as p90,
    count(${column}) / count(*) as coverage
  from placed where happened = '${happened}' group by all`;
}

function share(metric: string, happened: string, condition: string): string {
  return `select service, period, start_at, '${metric}' as metric, 'share' as unit,
    count(*) filter (where ${condition}) / nullif(count(*) filter (where (${condition}) is not null), 0) as value,
    count(*) filter (where (${condition}) is not null) as n, count(*) filter (where (${condition}) is not null) / count(*) as coverage
  from placed where happened = '${happened}' group by all`;
}

const shares: readonly string[] = [
  share("merge_rate", "closed", "merged_at is not null"),
  share("merged_without_review", "merged", "is_unreviewed"),
  share("self_merged", "merged", "is_self_merged"),
  share("reworked", "merged", "rework_cycles > 0"),
];

const open: readonly string[] = [
  `select p.service, p.period, p.start_at, 'open_pull_requests' as metric, 'pull requests' as unit, count(x.number)::double as value,
    count(x.number) as n, 1.0 as coverage
  from periods p left join waiting x using (service) where p.period = 'all' group by all`,
  `select p.service, p.period, p.start_at, 'stale_pull_requests' as metric, 'pull requests' as unit,
    count(*) filter (where x.stale_at <= (select instant from horizon))::double as value, count(x.number) as n, 1.0 as coverage
  from periods p left join waiting x using (service) where p.period = 'all' group by all`,
  `select service, 'all' as period, start_at, 'open_pull_request_age' as metric, 'seconds' as unit, median(age_seconds)::double as value,
    count(age_seconds) as n, quantile_cont(age_seconds::double, 0.5) as p50, quantile_cont(age_seconds::double, 0.75) as p75,
    quantile_cont(age_seconds::double, 0.9) as p90, 1.0 as coverage
  from waiting group by all`,
];
