// Issues of Jira as their history tells them: how long each was in which status, when it was begun and when it was done.
import { matchesName } from "../rules/conditions-sql.ts";
import type { SettledIssueRules } from "../rules/issue-rules.ts";
import { workedBetween, workedTables } from "../calendar/working-calendar.ts";
import { listText, quote } from "../sql-values.ts";

/**
 * `categories`: what each status means, also those that only changelogs still name: what the rules say, by id or name; what Jira says of
 * the id; what it says of another status of that name; else done, when a resolution came with most of the moves to it; else unknown.
 * `said`: what people have said of the statuses of single projects, which goes before all of that, also where that is that nobody knows.
 * Needs `jira_statuses`, `workflow_mapping`, `changes`, `issues`.
 */
export function categoryTables({ statuses }: SettledIssueRules): readonly string[] {
  const names = listText(Object.keys(statuses));
  const meanings = listText(Object.values(statuses));
  return [
    `status_names as (
      select id, any_value(name) as name from (
        select id, name from jira_statuses
        union all select to_value, to_text from changes where field = 'status'
        union all select from_value, from_text from changes where field = 'status'
        union all select status_id, null from issues)
      where id is not null group by all)`,
    `known_categories as (
      select id, name, nullif(any_value(category_key), 'undefined') as category from jira_statuses group by all)`,
    `resolving as (
      select s.to_value as id, count(*) filter (where r.issue_id is not null) * 2 > count(*) as is_done
      from changes s left join (select distinct issue_id, created_at from changes where field = 'resolution' and to_text is not null) r
        using (issue_id, created_at)
      where s.field = 'status' group by all)`,
    `categories as (
      select n.id, n.name,
        coalesce(
          list_extract(${meanings}, list_position(${names}, n.id)),
          list_extract(${meanings}, list_position(${names}, n.name)),
          (select any_value(category) from known_categories k where k.id = n.id),
          (select any_value(category) from known_categories k where lower(k.name) = lower(n.name)),
          case when (select bool_or(is_done) from resolving r where r.id = n.id) then 'done' end,
          'unknown') as category
      from status_names n)`,
    `said as (
      select project_key, status_id, case when is_category_said then replace(category, 'undefined', 'unknown') end as category,
        case when is_waiting_said then is_waiting end as is_waiting
      from workflow_mapping where is_category_said or is_waiting_said)`,
  ];
}

/**
 * One row for each issue that is not deleted. `lead_seconds` is from created to done, `cycle_seconds` from the first entry of work (category
 * `indeterminate`) to done. Done is the last move from a status that is not done to one that is, as long as it stays done: a move from
 * done to done, as migrations of workflows make them, is none, and a reopened issue is not done until it is again. `age_seconds` is that
 * of an issue in work at the last instant that is known of any issue. `flow_efficiency` is the share of the time from start to done in which
 * the issue was in work, neither in a status of waiting nor flagged.
 *
 * Definition: lead and cycle time by the categories of Atlassian
 * (https://support.atlassian.com/jira-cloud-administration/docs/what-are-issue-statuses-priorities-and-resolutions/), flow efficiency as active
 * time over elapsed time (https://kanban.university/kanban-guide/). Needs `issues`, `own_issues`, `own_changes`, `categories` and `said`.
 */
export function issueRows(rules: SettledIssueRules): { readonly tables: readonly string[]; readonly select: string } {
  const working = (from: string, to: string, condition: string): string =>
    rules.calendar === null ? "cast(null as bigint)" : `case when ${condition} then ${workedBetween(from, to)} end`;
  return {
    tables: [...segmentTables(rules), flagTable, summaryTables, ...calendarTables(rules)],
    select: `select s.issue_id, i.key, i.project_key, i.type, i.is_subtask, i.created_at, i.resolved_at,
      coalesce(u.category, c.category) as status_category, s.started_at, s.done_at,
      epoch(s.done_at)::bigint - epoch(i.created_at)::bigint as lead_seconds,
      ${working("i.created_at", "s.done_at", "true")} as lead_working_seconds,
      ${working("s.started_at", "s.done_at", "s.started_at <= s.done_at")} as cycle_working_seconds,
      case when s.started_at <= s.done_at then epoch(s.done_at)::bigint - epoch(s.started_at)::bigint end as cycle_seconds,
      case when s.started_at is not null and coalesce(u.category, c.category) = 'indeterminate' then ${ageSeconds("s.started_at")} end as age_seconds,
      s.active_seconds, s.waiting_seconds,
      case when s.started_at < s.done_at
        then s.active_seconds / epoch(s.done_at - s.started_at) end as flow_efficiency,
      s.reopened, s.unknown_statuses, i.type in (select unnest(${listText(rules.leaveOut)})) as is_left_out
    from summaries s join own_issues i on i.id = s.issue_id left join categories c on c.id = i.status_id
    left join said u on u.project_key = i.project_key and u.status_id = i.status_id`,
  };
}

/** Without a calendar there is no working time. */
function calendarTables({ calendar, timezone }: SettledIssueRules): readonly string[] {
  if (calendar === null) return [];
  const moments = `select unnest([i.created_at, s.started_at, s.done_at]) as moment
    from summaries s join own_issues i on i.id = s.issue_id where s.done_at is not null`;
  return workedTables(calendar, timezone, moments);
}

/** Issues in work grow older without being touched. Needs `horizon`. */
export const ageNow: string = `case when age_seconds is not null then ${ageSeconds("started_at")} end as age_seconds`;

function ageSeconds(startedAt: string): string {
  return `greatest(epoch((select instant from horizon))::bigint - epoch(${startedAt})::bigint, 0)`;
}

function segmentTables({ waiting }: SettledIssueRules): readonly string[] {
  return [
    `horizon as (select max(updated_at) as instant from issues)`,
    `moves as (
      select issue_id, created_at as moved_at, from_value, to_value,
        row_number() over (partition by issue_id order by created_at, ${changeOrder}) as position
      from own_changes where field = 'status')`,
    `entries as (
      select i.id as issue_id, i.project_key, i.created_at as entered_at, coalesce(m.from_value, i.status_id) as status_id, 0 as position
      from own_issues i left join moves m on m.issue_id = i.id and m.position = 1
      where not coalesce(i.is_deleted, false)
      union all
      select m.issue_id, i.project_key, m.moved_at, m.to_value, m.position
      from moves m join own_issues i on i.id = m.issue_id where not coalesce(i.is_deleted, false))`,
    `segments as (
      select e.*, coalesce(u.category, c.category, 'unknown') as category,
        lag(coalesce(u.category, c.category, 'unknown')) over steps as category_before,
        coalesce(lead(e.entered_at) over steps, (select instant from horizon)) as left_at,
        coalesce(u.is_waiting, ${matchesName("c.name", waiting)} or ${matchesName("e.status_id", waiting)}) as is_waiting
      from entries e left join categories c on c.id = e.status_id
      left join said u on u.project_key = e.project_key and u.status_id = e.status_id
      window steps as (partition by e.issue_id order by e.position))`,
  ];
}

/** The order of entries of one instant: by the id of the history, then the place in it. */
export const changeOrder = `try_cast(split_part(id, '-', 1) as hugeint), try_cast(split_part(id, '-', 2) as integer), id`;

const flagTable = `flags as (
  select issue_id, created_at as flagged_at, is_set,
    lead(created_at) over (partition by issue_id order by created_at, ${changeOrder}) as unflagged_at
  from (select *, coalesce(to_text, '') <> '' as is_set from own_changes where field = 'Flagged')
  qualify is_set)`;

const summaryTables = `ends as (
  select issue_id,
    min(entered_at) filter (where category = 'indeterminate') as started_at,
    case when arg_max(category, position) = 'done' then max(entered_at) filter (where category = 'done' and category_before is distinct from 'done') end as done_at,
    count(*) filter (where category <> 'done' and category_before = 'done') as reopened,
    count(*) filter (where category = 'unknown') as unknown_statuses
  from segments group by all),
worked as (
  select s.issue_id, s.is_waiting, s.category,
    greatest(s.entered_at, e.started_at) as work_from, least(s.left_at, e.done_at) as work_to
  from segments s join ends e using (issue_id)
  where e.started_at is not null and e.done_at is not null and s.left_at > e.started_at and s.entered_at < e.done_at),
flagged as (
  select w.issue_id, sum(greatest(epoch(least(w.work_to, coalesce(f.unflagged_at, w.work_to)))::bigint
    - epoch(greatest(w.work_from, f.flagged_at))::bigint, 0)) as seconds
  from worked w join flags f on f.issue_id = w.issue_id and f.flagged_at < w.work_to and coalesce(f.unflagged_at, w.work_to) > w.work_from
  where w.category = 'indeterminate' and not w.is_waiting group by all),
spent as (
  select issue_id,
    coalesce(sum(epoch(work_to)::bigint - epoch(work_from)::bigint) filter (where category = 'indeterminate' and not is_waiting), 0) as active,
    coalesce(sum(epoch(work_to)::bigint - epoch(work_from)::bigint) filter (where is_waiting), 0) as waiting
  from worked group by all),
summaries as (
  select e.issue_id, e.started_at, e.done_at, e.reopened, e.unknown_statuses,
    s.active - coalesce(f.seconds, 0) as active_seconds, s.waiting + coalesce(f.seconds, 0) as waiting_seconds
  from ends e left join spent s using (issue_id) left join flagged f using (issue_id))`;

/**
 * One row for each project, period (`week`, `month`, `all`) and metric of flow: `throughput` (issues that were done in it, each once, by
 * when they are done for good), `lead_time`, `cycle_time` and `flow_efficiency` of these, with a calendar also `lead_time_working` and `cycle_time_working`, and once over all `wip` and `wip_age`. Needs `issue_metrics`.
 */
export function flowSelect({ timezone, calendar }: SettledIssueRules): string {
  const zone = quote(timezone);
  const local = `done_at at time zone ${zone}`;
  const done = ["week", "month"].map(
    (period) =>
      `select *, '${period}' as period, date_trunc('${period}', ${local}) at time zone ${zone} as start_at,
        (date_trunc('${period}', ${local}) + interval 1 ${period}) at time zone ${zone} as end_at from counted where done_at is not null`,
  );
  const figure = (metric: string, column: string, unit: string): string =>
    `select project_key, period, start_at, end_at, '${metric}' as metric, '${unit}' as unit, median(${column}) as value, count(${column}) as n,
      quantile_cont(${column}, 0.75) as p75, quantile_cont(${column}, 0.9) as p90, count(${column}) / count(*) as coverage
    from done group by all`;
  const working = `  union all by name ${figure("lead_time_working", "lead_working_seconds", "seconds")}
  union all by name ${figure("cycle_time_working", "cycle_working_seconds", "seconds")}`;
  return `counted as (select * from issue_metrics where not is_subtask and not is_left_out),
  done as (${done.join(" union all ")} union all select *, 'all', null, null from counted where done_at is not null)
  select project_key, period, start_at, end_at, 'throughput' as metric, 'issues' as unit, count(*)::double as value, count(*) as n,
    null::double as p75, null::double as p90, 1.0 as coverage from done group by all
  union all by name ${figure("lead_time", "lead_seconds", "seconds")}
  union all by name ${figure("cycle_time", "cycle_seconds", "seconds")}
${calendar === null ? "" : working}
  union all by name ${figure("flow_efficiency", "flow_efficiency", "share")}
  union all by name select project_key, 'all' as period, null::timestamptz as start_at, null::timestamptz as end_at, 'wip' as metric, 'issues' as unit,
    count(age_seconds)::double as value, count(*) as n, null::double as p75, null::double as p90, 1.0 as coverage from counted group by all
  union all by name select project_key, 'all' as period, null::timestamptz as start_at, null::timestamptz as end_at, 'wip_age' as metric, 'seconds' as unit,
    median(age_seconds) as value, count(age_seconds) as n, quantile_cont(age_seconds, 0.75) as p75, quantile_cont(age_seconds, 0.9) as p90,
    1.0 as coverage from counted where age_seconds is not null group by all`;
}
