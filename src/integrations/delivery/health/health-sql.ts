// The health of projects month by month: a score for each part that enough is known of, and one of all parts by their weights.
import { listText, quote, structsText } from "../sql-values.ts";
import type { HealthPart, SettledHealthRules } from "./health-rules.ts";

/**
 * One row for each project, month and part, and one with the part `overall`. A part has the value, of how many it is (`n`), its bounds and its
 * weight. `score` goes from 0 (`bad` or worse) to 100 (`good` or better) in a straight line, and is NULL where the value is not known or is of
 * fewer than `leastValues`. That of `overall` is the mean of the scores by weight; `coverage` is the part of the weight that has a score, and below
 * `leastCoverage` there is no score: what nobody knows makes no project healthy or ill.
 *
 * Sub-tasks and issues of types that are left out do not count. Of the month: `cycle_time` (median), `flow_efficiency` (median) and `reopened` (the share that
 * came back after it was done) of the issues that were done in it; `throughput`, those against the mean of the three months before;
 * `wip_age`, the median age of what was in work at its end; `bugs`, the share of bugs among issues that were created; `sprint_completion`, the mean
 * of the sprints that ended; `change_fail_rate` of the services of the project. `wip_age` counts one issue and `sprint_completion` one sprint as enough.
 *
 * Definition: cycle time, throughput and quality are the project health of the job guide; the bounds are starting points to be changed, not
 * findings of research. Needs `issues` (`jira_issue_metrics`), `sprints` (`sprint_metrics`), `boards`, `deployments` (`delivery_deployments`).
 */
export function healthSelect(rules: SettledHealthRules): string {
  const { parts, leastCoverage, version } = rules;
  const columns = { part: "VARCHAR", unit: "VARCHAR", weight: "DOUBLE", good: "DOUBLE", bad: "DOUBLE" };
  return `${[...monthTables(rules), ...placedTables(rules)].join(",\n")},
  part_rules as (select unnest(${structsText(parts, columns)}, recursive := true)),
  found as (${parts.map(({ part }) => values[part](rules)).join("\nunion all by name\n")}),
  scored as (
    select m.*, r.part, r.unit, f.value, coalesce(f.n, 0) as n, r.good, r.bad, r.weight,
      case when f.n >= f.least then round(100 * least(greatest((f.value - r.bad) / (r.good - r.bad), 0), 1), 1) end as score
    from months m cross join part_rules r left join found f using (project_key, start_at, part)),
  overall as (
    select project_key, period, start_at, end_at, is_complete, 'overall' as part, 'points' as unit,
      sum(weight * score) / sum(weight) filter (where score is not null) as mean_score,
      sum(weight) filter (where score is not null) / sum(weight) as known, count(score) as n, sum(weight) as weight
    from scored group by all)
  select project_key, period, start_at, end_at, is_complete, part, unit, value, n, good, bad, weight, score,
    case when score is null then 0.0 else 1.0 end as coverage, ${quote(version)} as rules_version
  from scored
  union all by name
  select * exclude (mean_score, known), null::double as value, null::double as good, null::double as bad,
    case when known >= ${leastCoverage} then round(mean_score, 1) end as score, coalesce(known, 0) as coverage, ${quote(version)} as rules_version
  from overall`;
}

function monthTables({ timezone }: SettledHealthRules): readonly string[] {
  const zone = quote(timezone);
  return [
    `counted as (select * from issues where not coalesce(is_subtask, false) and not coalesce(is_left_out, false))`,
    `horizon as (select max(greatest(created_at, started_at, done_at)) as instant from issues)`,
    `months as (
      select project_key, 'month' as period, local_start at time zone ${zone} as start_at, (local_start + interval 1 month) at time zone ${zone} as end_at,
        (local_start + interval 1 month) at time zone ${zone} <= (select instant from horizon) as is_complete
      from (
        select project_key, unnest(generate_series(date_trunc('month', min(created_at) at time zone ${zone}),
          date_trunc('month', (select instant from horizon) at time zone ${zone}), interval 1 month)) as local_start
        from counted where project_key is not null group by project_key))`,
  ];
}

function placedTables({ timezone, services }: SettledHealthRules): readonly string[] {
  const zone = quote(timezone);
  const month = (column: string): string => `date_trunc('month', ${column} at time zone ${zone}) at time zone ${zone}`;
  const pairs = Object.entries(services).flatMap(([project_key, names]) =>
    names.map((service) => ({ project_key, service })),
  );
  return [
    `done as (select *, ${month("done_at")} as start_at from counted where done_at is not null)`,
    `done_counts as (
      select m.project_key, m.start_at, count(d.issue_id) as issues
      from months m left join done d using (project_key, start_at) group by all)`,
    `ended_sprints as (
      select b.project_key, ${month("s.closed_at")} as start_at, s.completion_rate
      from sprints s join (select id, any_value(project_key) as project_key from boards group by all) b on b.id = s.board_id
      where s.closed_at is not null)`,
    `project_services as (select unnest(${structsText(pairs, { project_key: "VARCHAR", service: "VARCHAR" })}, recursive := true))`,
    `deployed as (
      select p.project_key, ${month("d.deployed_at")} as start_at, d.is_failed
      from deployments d join project_services p using (service))`,
  ];
}

/** `project_key, start_at, part, value, n, least`: of at least how many values each is worth a score. */
const values: Readonly<Record<HealthPart, (rules: SettledHealthRules) => string>> = {
  cycle_time: (rules) =>
    of("cycle_time", "median(cycle_seconds)::double", "count(cycle_seconds)", "done", rules.leastValues),
  flow_efficiency: (rules) =>
    of("flow_efficiency", "median(flow_efficiency)::double", "count(flow_efficiency)", "done", rules.leastValues),
  reopened: (rules) =>
    of("reopened", "count(*) filter (where reopened > 0) / count(*)", "count(*)", "done", rules.leastValues),
  throughput: ({
    leastValues,
  }) => `select project_key, start_at, 'throughput' as part, case when before > 0 then issues / before end as value,
      base as n, ${leastValues}::bigint as least
    from (
      select *, avg(issues) over earlier as before, sum(issues) over earlier as base, count(*) over earlier as months_before
      from done_counts window earlier as (partition by project_key order by start_at rows between 3 preceding and 1 preceding))
    where months_before = 3`,
  wip_age: () => `select m.project_key, m.start_at, 'wip_age' as part,
      median(epoch(least(m.end_at, (select instant from horizon)))::bigint - epoch(i.started_at)::bigint)::double as value, count(*) as n, 1::bigint as least
    from months m join counted i on i.project_key = m.project_key and i.started_at < m.end_at
      and (i.done_at >= m.end_at or (i.done_at is null and i.age_seconds is not null))
    group by all`,
  bugs: ({
    bugs,
    leastValues,
    timezone,
  }) => `select project_key, date_trunc('month', created_at at time zone ${quote(timezone)}) at time zone ${quote(timezone)} as start_at,
      'bugs' as part, count(*) filter (where type in (select unnest(${listText(bugs)}))) / count(*) as value, count(*) as n, ${leastValues}::bigint as least
    from counted group by all`,
  sprint_completion: () =>
    of("sprint_completion", "avg(completion_rate)", "count(completion_rate)", "ended_sprints", 1),
  change_fail_rate: (rules) =>
    of("change_fail_rate", "count(*) filter (where is_failed) / count(*)", "count(*)", "deployed", rules.leastValues),
};

function of(part: HealthPart, value: string, n: string, table: string, least: number): string {
  return `select project_key, start_at, '${part}' as part, ${value} as value, ${n} as n, ${least}::bigint as least from ${table} group by all`;
}
