// Sprints by replaying what happened to each issue: what was in a sprint at each moment, and with which estimate.
import { changeOrder } from "./issues-sql.ts";

/**
 * `sprint_scope`: one row for each sprint, issue and moment at which what the issue adds to the sprint changes. An issue counts from the
 * start of the sprint, or from when it comes in, as long as it is in the sprint and in a status that the board shows; with the estimate of
 * that time, 0 where it has none; not when it is done already as it comes in. Sub-tasks and deleted issues never count. `scope_delta` is
 * what is added or removed, `remaining_delta` what is left to do. The sum of all `scope_delta` is the scope at the end, so committed +
 * added − removed = scope holds for every sprint.
 *
 * Definition: committed and completed as the velocity and burndown charts of Jira count them
 * (https://support.atlassian.com/jira-software-cloud/docs/view-and-understand-the-velocity-chart/). Needs `issues`, `scoped_issues`,
 * `scoped_changes`, `sprints`, `boards`, `categories`, `said`, and `touched_sprints(id)`.
 */
export function scopeRows(): { readonly tables: readonly string[]; readonly select: string } {
  return {
    tables: [...sprintTables, ...eventTables, ...stateTables],
    select: `select sprint_id, board_id, issue_id, position, happened_at, change, scope_delta, remaining_delta, scope_points,
        is_in_scope, is_completed, is_start, is_last, is_entry, is_estimated
      from scoped
      where scope_delta <> 0 or remaining_delta <> 0 or is_entry or is_exit or (is_last and is_in_scope)`,
  };
}

const sprintTables: readonly string[] = [
  `last_columns as (
    select id as board_id, coalesce(list(distinct s) filter (where s is not null), []) as statuses
    from (
      select id, unnest(cast(cast(columns as json)->'$[*].statusIds' as varchar[][])[-1]) as s
      from boards where columns is not null) group by all)`,
  `shown as (
    select id as board_id, list(distinct s) as statuses
    from (select id, unnest(flatten(cast(cast(columns as json)->'$[*].statusIds' as varchar[][]))) as s from boards where columns is not null)
    group by all)`,
  `spans as (
    select s.id as sprint_id, s.board_id, s.state, s.start_at,
      case when s.state = 'closed' then coalesce(s.complete_at, s.end_at) else (select max(updated_at) from issues) end as ends_at
    from sprints s join touched_sprints t on t.id = s.id
    where s.start_at is not null and s.state <> 'future')`,
];

const eventTables: readonly string[] = [
  `countable as (select * from scoped_issues where not coalesce(is_subtask, false) and not coalesce(is_deleted, false))`,
  `items as (
    select issue_id, created_at as happened_at, field, from_value, from_text, to_value, to_text,
      row_number() over (partition by issue_id order by created_at, ${changeOrder}) as position
    from scoped_changes where field in ('status', 'Sprint', 'points'))`,
  `firsts as (
    select issue_id,
      arg_min(from_value, position) filter (where field = 'status') as status_before,
      arg_min(coalesce(from_value, ''), position) filter (where field = 'Sprint') as sprints_before,
      arg_min(coalesce(from_text, from_value, ''), position) filter (where field = 'points') as points_before
    from items group by all)`,
  `events as (
    select i.id as issue_id, i.created_at as happened_at, 0::bigint as position,
      coalesce(f.status_before, i.status_id) as status_id,
      coalesce(f.sprints_before, array_to_string(i.sprint_ids, ', '), '') as sprint_list,
      coalesce(f.points_before, i.points::varchar, '') as points_text
    from countable i left join firsts f on f.issue_id = i.id
    union all
    select x.issue_id, x.happened_at, x.position,
      case when x.field = 'status' then x.to_value end,
      case when x.field = 'Sprint' then coalesce(x.to_value, '') end,
      case when x.field = 'points' then coalesce(x.to_text, x.to_value, '') end
    from items x join countable i on i.id = x.issue_id)`,
  `states as (
    select issue_id, happened_at, position,
      last_value(status_id ignore nulls) over steps as status_id,
      list_transform(string_split(last_value(sprint_list ignore nulls) over steps, ','), s -> try_cast(trim(s) as bigint)) as sprints,
      try_cast(nullif(last_value(points_text ignore nulls) over steps, '') as double) as points
    from events window steps as (partition by issue_id order by position rows unbounded preceding))`,
  // what an issue is joined with is made first: a plan that begins with spans and states looks at each pair of both
  `members as materialized (
    select x.issue_id, s.*
    from (select distinct issue_id, unnest(sprints) as sprint_id from states) x join spans s using (sprint_id))`,
];

const stateTables: readonly string[] = [
  `placed as (
    select p.sprint_id, p.board_id, p.start_at, p.issue_id, s.position,
      greatest(s.happened_at, p.start_at) as happened_at, s.happened_at <= p.start_at as is_before, s.points,
      list_contains(s.sprints, p.sprint_id) and (v.statuses is null or list_contains(v.statuses, s.status_id)
        or (not coalesce(c.is_current, false))) as is_inside,
      coalesce(coalesce(u.category, c.category) = 'done', false) as is_done,
      case when l.statuses is not null and coalesce(c.is_current, false) then list_contains(l.statuses, s.status_id)
        else coalesce(coalesce(u.category, c.category) = 'done', false) end as is_in_last
    from members p join states s using (issue_id)
    left join shown v on v.board_id = p.board_id
    left join last_columns l on l.board_id = p.board_id
    left join (select id, category, exists (from jira_statuses j where j.id = k.id and coalesce(j.is_current, true)) as is_current
      from categories k) c on c.id = s.status_id
    join countable i on i.id = s.issue_id
    left join said u on u.project_key = i.project_key and u.status_id = s.status_id
    where s.happened_at <= p.ends_at)`,
  `after_start as (
    select * from placed where not is_before
    union all
    select * from placed where is_before qualify row_number() over (partition by sprint_id, issue_id order by position desc) = 1)`,
  `turns as (
    select *,
      is_inside and not coalesce(lag(is_inside) over steps, false) as comes_in,
      is_done and not coalesce(lag(is_done) over steps, false) as gets_done
    from after_start window steps as (partition by sprint_id, issue_id order by position))`,
  `since as (
    select *,
      max(case when comes_in then position end) over steps as in_since,
      max(case when gets_done then position end) over steps as done_since
    from turns window steps as (partition by sprint_id, issue_id order by position rows unbounded preceding))`,
  `counted as (
    select *, is_inside and not (is_done and done_since <= in_since) as is_in_scope,
      case when is_inside and not (is_done and done_since <= in_since) then coalesce(points, 0) else 0 end as scope_points
    from since)`,
  `scoped as (
    select *, scope_points - coalesce(lag(scope_points) over steps, 0) as scope_delta,
      case when is_in_last then 0 else scope_points end
        - coalesce(lag(case when is_in_last then 0 else scope_points end) over steps, 0) as remaining_delta,
      is_in_scope and is_in_last as is_completed, is_before as is_start,
      is_in_scope and not coalesce(lag(is_in_scope) over steps, false) as is_entry,
      not is_in_scope and coalesce(lag(is_in_scope) over steps, false) as is_exit,
      points is not null as is_estimated,
      lead(position) over steps is null as is_last,
      case when is_before then 'committed'
        when is_in_scope and not coalesce(lag(is_in_scope) over steps, false) then 'added'
        when not is_in_scope and coalesce(lag(is_in_scope) over steps, false) then 'removed'
        when scope_points > coalesce(lag(scope_points) over steps, 0) then 'estimated up'
        when scope_points < coalesce(lag(scope_points) over steps, 0) then 'estimated down'
        when is_in_last then 'completed' else 'moved' end as change
    from counted window steps as (partition by sprint_id, issue_id order by position))`,
];

/**
 * One row for each sprint that has begun. Points and numbers of issues; `carried_over` and `completion_rate` are NULL while it is not over, and
 * `completion_rate` also when nothing was committed. `velocity_points` is the mean of what the last closed sprints of the board completed.
 * Needs `scope` (`sprint_scope`, published) and `sprints`.
 */
export function sprintSelect(velocitySprints: number): string {
  return `started as (select * from sprints where start_at is not null and state <> 'future'),
  sums as (
    select s.id as sprint_id, s.board_id, s.name, s.state, s.start_at, s.end_at, s.complete_at,
      case when s.state = 'closed' then coalesce(s.complete_at, s.end_at) end as closed_at,
      coalesce(sum(x.scope_delta) filter (where x.is_start), 0) as committed_points,
      coalesce(sum(x.scope_delta) filter (where not x.is_start and x.scope_delta > 0), 0) as added_points,
      coalesce(-sum(x.scope_delta) filter (where not x.is_start and x.scope_delta < 0), 0) as removed_points,
      coalesce(sum(x.scope_delta), 0) as scope_points,
      coalesce(sum(x.scope_points) filter (where x.is_last and x.is_completed), 0) as completed_points,
      count(*) filter (where x.is_start and x.is_in_scope) as committed_issues,
      count(*) filter (where not x.is_start and x.change = 'added') as added_issues,
      count(*) filter (where x.change = 'removed') as removed_issues,
      count(*) filter (where x.is_last and x.is_completed) as completed_issues,
      count(*) filter (where x.is_last and x.is_in_scope) as scope_issues,
      count(*) filter (where x.is_entry and not x.is_estimated) as unestimated_issues,
      count(*) filter (where x.is_entry) as entries
    from started s left join scope x on x.sprint_id = s.id group by all),
  kept as (
    select b.sprint_id, sum(b.scope_points) as points
    from scope b join scope e on e.sprint_id = b.sprint_id and e.issue_id = b.issue_id and e.is_last and e.is_completed
    where b.is_start group by all)
  select s.sprint_id, s.board_id, s.name, s.state, s.start_at, s.end_at, s.complete_at, s.closed_at,
    s.committed_points, s.added_points, s.removed_points, s.scope_points, s.completed_points,
    case when s.closed_at is not null then s.scope_points - s.completed_points end as carried_over_points,
    s.committed_issues, s.added_issues, s.removed_issues, s.scope_issues, s.completed_issues,
    case when s.closed_at is not null then s.scope_issues - s.completed_issues end as carried_over_issues,
    s.unestimated_issues, 1 - s.unestimated_issues / nullif(s.entries, 0) as coverage,
    case when s.closed_at is not null then coalesce(k.points, 0) / nullif(s.committed_points, 0) end as completion_rate,
    case when s.closed_at is not null then s.completed_points / nullif(s.scope_points, 0) end as completed_share,
    case when s.closed_at is not null then avg(s.completed_points) filter (where s.closed_at is not null) over velocity end as velocity_points,
    case when s.closed_at is not null then count(s.closed_at) over velocity end as velocity_sprints
  from sums s left join kept k using (sprint_id)
  window velocity as (partition by s.board_id, s.closed_at is not null order by s.closed_at, s.sprint_id
    rows between ${velocitySprints - 1} preceding and current row)`;
}

/** One row for each moment at which the remaining or the whole of a sprint changes: steps from the start to the end. Needs `scope`. */
export const burndownSelect = `moments as (
    select sprint_id, board_id, happened_at, sum(scope_delta) as scope_delta, sum(remaining_delta) as remaining_delta
    from scope group by all)
  select sprint_id, board_id, happened_at,
    sum(remaining_delta) over steps as remaining_points, sum(scope_delta) over steps as scope_points,
    sum(scope_delta - remaining_delta) over steps as completed_points
  from moments window steps as (partition by sprint_id order by happened_at rows unbounded preceding)`;
