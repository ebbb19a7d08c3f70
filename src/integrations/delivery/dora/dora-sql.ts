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
 * Each table is read once, for all of its metrics: rows are grouped by the beginning of their period, and what was counted is split into
 * a row for each metric.
 *
 * Definitions: https://dora.dev/guides/dora-metrics-four-keys/ (2026-01): change lead time, deployment frequency, failed deployment recovery
 * time, change fail rate, deployment rework rate. `time_to_restore` is the older one, from the incident on (DORA 2021). Needs `deployments`,
 * `changes`, `commit_leads`, `incidents`, all of them published, and `horizon(instant)`, the last instant that anything is known of.
 */
export function doraSelect({ timezone, leastValues }: SettledRules, areIncidentsKnown: boolean): string {
  const zone = quote(timezone);
  const tables = [...periodTables(zone), ...countTables(zone)];
  return `with ${tables.join(",\n")},
  figures as (${[...timeFigures, deploymentFigures(areIncidentsKnown), dayFigures(zone)].join("\nunion all by name\n")})
  select p.service, p.period, p.start_at, p.end_at, p.is_complete, f.metric, f.unit,
    f.value, coalesce(f.n, 0) as n, f.p50, f.p75, f.p90, f.coverage, coalesce(f.n, 0) < ${leastValues} as is_few
  from figures f join periods p using (service, period, start_at)`;
}

function periodTables(zone: string): readonly string[] {
  return [
    `spans as (select service, min(deployed_at) as first_at from deployments group by all)`,
    `steps as (select * from (values ('week', interval 7 day), ('month', interval 1 month)) s(period, step))`,
    `local_periods as (
      select s.service, t.period, t.step, unnest(generate_series(
        date_trunc(t.period, s.first_at at time zone ${zone}), date_trunc(t.period, h.instant at time zone ${zone}), t.step)) as local_start
      from spans s cross join steps t cross join horizon h)`,
    `periods as materialized (
      select service, period, local_start at time zone ${zone} as start_at, (local_start + step) at time zone ${zone} as end_at,
        (local_start + step) at time zone ${zone} <= (select instant from horizon) as is_complete
      from local_periods
      union all
      select s.service, 'all', s.first_at, h.instant + interval 1 second, true from spans s cross join horizon h)`,
  ];
}

/** What is counted of each table; rows before the first deployment are in no period. */
function countTables(zone: string): readonly string[] {
  return [
    `deployment_counts as (
      select service, period, start_at, count(*) as deployments,
        count(*) filter (where comparison not in ('unknown', 'baseline')) as compared,
        count(*) filter (where comparison <> 'unknown') as covered,
        count(*) filter (where is_failed) as failed, count(*) filter (where is_unplanned) as unplanned,
        count(*) filter (where is_failed and restored_at is null) as open,
        count(distinct cast(instant at time zone ${zone} as date)) filter (where period = 'week') as days,
        ${timeSums("recovery", "case when is_failed then recovery_seconds end")}
      from (${inPeriods("deployments", "deployed_at", zone)}) group by all)`,
    `change_counts as (
      select service, period, start_at, count(*) as total,
        ${changeTimes.map(([name, seconds]) => timeSums(name, seconds)).join(", ")}
      from (${inPeriods("changes", "deployed_at", zone)}) group by all)`,
    `commit_counts as (
      select service, period, start_at, count(*) as total, ${timeSums("commit", "lead_seconds")}
      from (${inPeriods("commit_leads", "deployed_at", zone)}) group by all)`,
    `issue_counts as (
      select service, period, start_at, count(*) as total,
        ${timeSums("restore", "case when resolved_at is not null then greatest(epoch(resolved_at)::bigint - epoch(created_at)::bigint, 0) end")}
      from (${inPeriods("incidents", "created_at", zone)}) where kind = 'issue' group by all)`,
  ];
}

const changeTimes = [
  ["lead", "lead_seconds"],
  ["coding", "coding_seconds"],
  ["pickup", "pickup_seconds"],
  ["review", "review_seconds"],
  ["merge_wait", "merge_wait_seconds"],
  ["deploy", "deploy_seconds"],
] as const;

/** The rows of a table once for each period that they are in, with the beginning of that period. */
function inPeriods(table: string, column: string, zone: string): string {
  const start = (period: string): string =>
    `date_trunc('${period}', x.${column} at time zone ${zone}) at time zone ${zone}`;
  return ["week", "month", "all"]
    .map(
      (
        period,
      ) => `select '${period}' as period, ${period === "all" ? "s.first_at" : start(period)} as start_at, x.${column} as instant, x.*
        from ${table} x join spans s on s.service = x.service where x.${column} >= s.first_at`,
    )
    .join("\nunion all\n");
}

/** How many values there are, and their quantiles. */
function timeSums(name: string, seconds: string): string {
  return `count(${seconds}) as ${name}_n, quantile_cont(${seconds}, [0.5, 0.75, 0.9]) as ${name}_q`;
}

/** Of each the values that are NULL are left out, and counted against the coverage. */
const timeFigures: readonly string[] = [
  ["change_lead_time", "change_counts", "lead"],
  ["commit_lead_time", "commit_counts", "commit"],
  ["stage_coding", "change_counts", "coding"],
  ["stage_pickup", "change_counts", "pickup"],
  ["stage_review", "change_counts", "review"],
  ["stage_merge_wait", "change_counts", "merge_wait"],
  ["stage_deploy", "change_counts", "deploy"],
  ["failed_deployment_recovery_time", "deployment_counts", "recovery", "failed"],
  ["time_to_restore", "issue_counts", "restore"],
].map(
  ([
    metric,
    table,
    name,
    total = "total",
  ]) => `select service, period, start_at, '${metric}' as metric, 'seconds' as unit,
    ${name}_q[1] as value, ${name}_n as n, ${name}_q[1] as p50, ${name}_q[2] as p75, ${name}_q[3] as p90, ${name}_n / ${total} as coverage
  from ${table} where ${total} > 0`,
);

/**
 * Numbers and shares of deployments. A share is NULL where there was none, and where nothing could have told of a failure: neither
 * incidents of people nor comparisons, which rollbacks and reverts are seen from. Its coverage is the share of deployments that were
 * compared.
 */
function deploymentFigures(areIncidentsKnown: boolean): string {
  const known = areIncidentsKnown ? "deployments > 0" : "compared > 0";
  const share = (metric: string, count: string): string =>
    figure(metric, "share", `case when ${known} then ${count} / deployments end`, "covered / nullif(deployments, 0)");
  const figures = [
    share("change_fail_rate", "failed"),
    share("deployment_rework_rate", "unplanned"),
    figure("deployments", "deployments", "deployments::double"),
    figure("deployment_frequency", "deployments a day", "deployments / nullif(epoch(end_at - start_at) / 86400, 0)"),
    figure("open_failures", "deployments", "open::double"),
  ];
  return `select service, period, start_at, deployments as n, unnest([${figures.join(", ")}], recursive := true)
    from (
      select p.service, p.period, p.start_at, p.end_at, coalesce(d.deployments, 0) as deployments, coalesce(d.compared, 0) as compared,
        coalesce(d.covered, 0) as covered, coalesce(d.failed, 0) as failed, coalesce(d.unplanned, 0) as unplanned, coalesce(d.open, 0) as open
      from periods p left join deployment_counts d using (service, period, start_at))`;
}

function figure(metric: string, unit: string, value: string, coverage = "1.0"): string {
  return `{'metric': '${metric}', 'unit': '${unit}', 'value': (${value})::double, 'coverage': (${coverage})::double}`;
}

/** The median of days with a deployment over complete weeks, those without one too. A week belongs to the month that it begins in. */
function dayFigures(zone: string): string {
  const days = ["week", "month", "all"].map((period) => {
    const start = { week: "w.start_at", all: "s.first_at" }[period];
    return `select '${period}' as period, w.service, coalesce(d.days, 0) as days,
        ${start ?? `date_trunc('month', w.start_at at time zone ${zone}) at time zone ${zone}`} as start_at
      from periods w join spans s on s.service = w.service
      left join deployment_counts d on d.service = w.service and d.period = 'week' and d.start_at = w.start_at
      where w.period = 'week' and w.is_complete`;
  });
  return `select service, period, start_at, 'deployment_days_per_week' as metric, 'days' as unit,
      median(days) as value, count(*) as n, 1.0 as coverage
    from (${days.join("\nunion all\n")}) group by all`;
}
