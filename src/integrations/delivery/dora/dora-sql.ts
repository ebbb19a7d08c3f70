// The five metrics of DORA for each service and period, and the stages of lead time, out of deployments, changes and incidents.
import { quote } from "../sql-values.ts";
import type { SettledRules } from "../rules/rules.ts";

/**
 * One row for each service, period (`week` from Monday on, `month`, `all`) and metric. Periods go from the first deployment that is known
 * to the last thing that is; `is_complete` is false for the one that is not over. Weeks without a deployment are there: their frequency is
 * 0, and what has no value is NULL. A change counts in the period in which it is deployed.
 *
 * `value` is the median of times (continuous), a share, or a number; `n` says of how many it is, `is_few` that these are fewer than
 * `leastValues`, and `coverage` how many of those that should have a value have one.
 *
 * Definitions: https://dora.dev/guides/dora-metrics-four-keys/ (2026-01): change lead time, deployment frequency, failed deployment recovery
 * time, change fail rate, deployment rework rate. `time_to_restore` is the older one, from the incident on (DORA 2021). Needs `deployments`,
 * `changes`, `commit_leads`, `incidents`, all of them published.
 */
export function doraSelect({ timezone, leastValues }: SettledRules, areIncidentsKnown: boolean): string {
  const zone = quote(timezone);
  return `with ${periodTables(zone)},
  figures as (${[...times(), ...shares(areIncidentsKnown), ...counts].join("\nunion all by name\n")})
  select p.service, p.period, p.start_at, p.end_at, p.is_complete, f.metric, f.unit,
    f.value, coalesce(f.n, 0) as n, f.p50, f.p75, f.p90, f.coverage, coalesce(f.n, 0) < ${leastValues} as is_few
  from figures f join periods p using (service, period, start_at)`;
}

/** `horizon` is the last instant that anything is known of. */
function periodTables(zone: string): string {
  return `horizon as (
    select max(instant) as instant from (
      select max(deployed_at) as instant from deployments
      union all select max(merged_at) from changes
      union all select max(coalesce(resolved_at, created_at)) from incidents)),
  spans as (select service, min(deployed_at) as first_at from deployments group by all),
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
  d as (
    select p.period, p.start_at, x.* from periods p join deployments x
      on x.service = p.service and x.deployed_at >= p.start_at and x.deployed_at < p.end_at),
  c as (
    select p.period, p.start_at, x.* from periods p join changes x
      on x.service = p.service and x.deployed_at >= p.start_at and x.deployed_at < p.end_at),
  l as (
    select p.period, p.start_at, x.* from periods p join commit_leads x
      on x.service = p.service and x.deployed_at >= p.start_at and x.deployed_at < p.end_at),
  i as (
    select p.period, p.start_at, x.* from periods p join incidents x
      on x.service = p.service and x.created_at >= p.start_at and x.created_at < p.end_at),
  days as (
    select w.service, w.start_at, w.is_complete, count(distinct cast(x.deployed_at at time zone ${zone} as date)) as deployment_days,
      count(x.deployment_id) as deployments
    from periods w left join d x on x.service = w.service and x.period = w.period and x.start_at = w.start_at
    where w.period = 'week' group by all)`;
}

/** Of each the values that are NULL are left out, and counted against the coverage. */
function times(): readonly string[] {
  const stages = ["coding", "pickup", "review", "merge_wait", "deploy"];
  return [
    time("change_lead_time", "c", "lead_seconds"),
    time("commit_lead_time", "l", "lead_seconds"),
    ...stages.map((stage) => time(`stage_${stage}`, "c", `${stage}_seconds`)),
    time("failed_deployment_recovery_time", "d", "recovery_seconds", "where is_failed"),
    time(
      "time_to_restore",
      "i",
      "greatest(epoch(resolved_at)::bigint - epoch(created_at)::bigint, 0)",
      "where kind = 'issue'",
      "resolved_at",
    ),
  ];
}

function time(metric: string, table: string, seconds: string, where = "", known = seconds): string {
  const value = `case when ${known} is not null then ${seconds} end`;
  return `select service, period, start_at, '${metric}' as metric, 'seconds' as unit, median(${value}) as value,
    count(${known}) as n, quantile_cont(${value}, 0.5) as p50, quantile_cont(${value}, 0.75) as p75,
    quantile_cont(${value}, 0.9) as p90, count(${known}) / count(*) as coverage
  from ${table} ${where} group by all`;
}

/**
 * A share of deployments; NULL where there was none, and where nothing could have told of a failure: neither incidents of people nor
 * comparisons, which rollbacks and reverts are seen from. The coverage is the share of deployments that were compared.
 */
function shares(areIncidentsKnown: boolean): readonly string[] {
  const compared = "d.comparison not in ('unknown', 'baseline')";
  const known = areIncidentsKnown
    ? "count(d.deployment_id) > 0"
    : `count(d.deployment_id) filter (where ${compared}) > 0`;
  return [["change_fail_rate", "is_failed"] as const, ["deployment_rework_rate", "is_unplanned"] as const].map(
    ([metric, condition]) => `select p.service, p.period, p.start_at, '${metric}' as metric, 'share' as unit,
    case when ${known} then count(d.deployment_id) filter (where d.${condition}) / count(d.deployment_id) end as value,
    count(d.deployment_id) as n,
    count(d.deployment_id) filter (where d.comparison <> 'unknown') / nullif(count(d.deployment_id), 0) as coverage
  from periods p left join d on d.service = p.service and d.period = p.period and d.start_at = p.start_at group by all`,
  );
}

/** `deployment_days_per_week` is the median over complete weeks, those without a deployment too. */
const counts: readonly string[] = [
  `select p.service, p.period, p.start_at, 'deployments' as metric, 'deployments' as unit, count(d.deployment_id)::double as value,
    count(d.deployment_id) as n, 1.0 as coverage
  from periods p left join d on d.service = p.service and d.period = p.period and d.start_at = p.start_at group by all`,
  `select p.service, p.period, p.start_at, 'deployment_frequency' as metric, 'deployments a day' as unit,
    count(d.deployment_id) / nullif(epoch(any_value(p.end_at - p.start_at)) / 86400, 0) as value, count(d.deployment_id) as n, 1.0 as coverage
  from periods p left join d on d.service = p.service and d.period = p.period and d.start_at = p.start_at group by all`,
  `select p.service, p.period, p.start_at, 'deployment_days_per_week' as metric, 'days' as unit,
    median(w.deployment_days) as value, count(*) as n, 1.0 as coverage
  from periods p join days w on w.service = p.service and w.is_complete and w.start_at < p.end_at
    and (p.period = 'all' or w.start_at >= p.start_at)
  group by all`,
  `select p.service, p.period, p.start_at, 'open_failures' as metric, 'deployments' as unit,
    count(*) filter (where d.is_failed and d.restored_at is null)::double as value, count(d.deployment_id) as n, 1.0 as coverage
  from periods p left join d on d.service = p.service and d.period = p.period and d.start_at = p.start_at group by all`,
];
