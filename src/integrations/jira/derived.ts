// What follows from the streams: boards with their columns, what to ask of each project, statuses that are gone, issues that are deleted.
import type { Job } from "../../core/job/job.ts";
import { sqlJob } from "../../data/jobs/sql-job.ts";
import { issueFields } from "./document-config.ts";
import type { JiraSettings } from "./options.ts";

export function createDerived(settings: JiraSettings): readonly Job[] {
  const { prefix: p, retry } = settings;
  const define = (name: string, description: string, inputs: readonly string[], sql: string): Job =>
    sqlJob({
      name: `${p}${name}`,
      description,
      inputs: inputs.map((input) => `${p}${input}`),
      sql,
      output: { dataset: `${p}${name}` },
      ...(retry === undefined ? {} : { retry }),
    });
  return [
    define(
      "boards",
      "boards of projects, with their columns",
      ["board_list", "board_configurations", "projects"],
      boardsSql(p),
    ),
    define("sprint_boards", "boards that have sprints", ["boards"], sprintBoardsSql(p)),
    define("scopes", "what to ask of each project", ["projects", "boards", "fields"], scopesSql(settings)),
    define("change_scopes", "when issues of a project changed last", ["scopes", "issue_records"], changeScopesSql(p)),
    define("issues", "issues, with those that are deleted", ["issue_records", "census", "scopes"], issuesSql(p)),
    define(
      "statuses",
      "statuses, with those that only changelogs name",
      ["status_history", "changes"],
      statusesSql(settings),
    ),
  ];
}

function boardsSql(p: string): string {
  return `select list.id, list.name, list.type, list.project_key, configuration.columns, configuration.estimation_field
from ${p}board_list list left join ${p}board_configurations configuration on configuration.board_id = list.id
where list.project_key in (select key from ${p}projects)`;
}

/** Boards of team-managed projects are of the type \`simple\`, and have sprints as those of the type \`scrum\` do. */
function sprintBoardsSql(p: string): string {
  return `select id, project_key from ${p}boards where type in ('scrum', 'simple')`;
}

/** The kind of the field that Jira makes for sprints, and those that it makes for points. */
const sprintKind = "com.pyxis.greenhopper.jira:gh-sprint";
const pointsKind = "com.pyxis.greenhopper.jira:jsw-story-points";
/** Fields of which changes are wanted; with those of sprints, flags and points there are at most ten. */
const changeFields = ["status", "resolution", "assignee", "project", "issuekey"];

/** Names of fields are in the language of the account, so that names only help where neither a kind nor a board tells. */
function scopesSql({ prefix: p, fields }: JiraSettings): string {
  const own = list(fields.points);
  const sprint =
    fields.sprint === undefined
      ? `(select min(id) from ${p}fields where custom = '${sprintKind}')`
      : text(fields.sprint);
  const flagged =
    fields.flagged === undefined ? `(select min(id) from ${p}fields where name = 'Flagged')` : text(fields.flagged);
  return `with estimating as (
  select project_key, list(distinct estimation_field order by estimation_field) as fields
  from ${p}boards where estimation_field is not null and estimation_field not in ('timeoriginalestimate', 'issueCount')
  group by project_key
), usual as (
  select list(id order by id) as fields from ${p}fields
  where custom = '${pointsKind}' or (custom is not null and name in ('Story Points', 'Story point estimate'))
), points as (
  select projects.id, projects.key, ${sprint} as sprint_field, ${flagged} as flagged_field,
    list_slice(list_distinct(list_concat(${own}, coalesce(estimating.fields, usual.fields, []))), 1, 3) as points
  from ${p}projects projects cross join usual left join estimating on estimating.project_key = projects.key
)
select id, key, sprint_field, flagged_field, array_to_string(points, ',') as points_fields,
  list_filter(list_concat(${list(issueFields)}, [sprint_field], points), name -> name is not null) as fields,
  list_filter(list_concat(${list(changeFields)}, [sprint_field, flagged_field], points), name -> name is not null) as change_fields
from points`;
}

function changeScopesSql(p: string): string {
  return `select scopes.*, changed.last_updated_at
from ${p}scopes scopes join (
  select project_key, max(updated_at) as last_updated_at from ${p}issue_records group by project_key
) changed on changed.project_key = scopes.key`;
}

/** An issue is gone when all projects were counted after it was read, and none of them had it. */
function issuesSql(p: string): string {
  return `with counted as (
  select min(census_at) as at, coalesce(flatten(list(ids)), []) as ids from ${p}census where project_key in (select key from ${p}scopes)
), present as (select unnest(ids) as id from counted)
select records.* exclude (points_text, sprint_text, read_at),
  coalesce(counted.at > records.read_at, false) and records.id not in (select id from present) as is_deleted
from ${p}issue_records records cross join counted`;
}

/** The last that is known of each id; of one that only changelogs name, the category is said or is that of a status of the same name. */
function statusesSql({ prefix: p, statusCategories }: JiraSettings): string {
  const said = Object.entries(statusCategories).map(([id, category]) => `(${text(id)}, ${text(category)})`);
  const rows = said.length === 0 ? "select null::varchar, null::varchar where false" : `values ${said.join(", ")}`;
  return `with said(id, category_key) as (${rows}), listed as (
  select id, name, category_key, project_id, valid_to is null as is_current
  from ${p}status_history qualify row_number() over (partition by id order by valid_from desc) = 1
), seen as (
  select id, max(name) as name from (
    select from_value as id, from_text as name from ${p}changes where field = 'status'
    union all select to_value, to_text from ${p}changes where field = 'status'
  ) where id is not null and id not in (select id from listed) group by id
), named as (
  select seen.id, seen.name, min(listed.category_key) as category_key from seen left join listed on listed.name = seen.name group by all
), every_one as (
  select * from listed union all select id, name, coalesce(category_key, 'undefined'), null, false from named
)
select every_one.id, name, coalesce(said.category_key, every_one.category_key) as category_key, project_id, is_current
from every_one left join said on said.id = every_one.id`;
}

function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function list(values: readonly string[]): string {
  return values.length === 0 ? "cast([] as varchar[])" : `[${values.map(text).join(", ")}]`;
}
