// From the answers of Jira to rows: one `select` for each entity. Answers differ from site to site, so that every field is looked for in
// the JSON of the answer, and one that is missing is NULL. A changelog item has a property named `toString`, which no row carries.

/** What answers are read as. */
type RawEntity =
  | "projects"
  | "fields"
  | "statuses"
  | "boards"
  | "configurations"
  | "sprints"
  | "issues"
  | "changes"
  | "changesOfIssues"
  | "census"
  | "users"
  | "workflows"
  | "projectStatuses"
  | "server";

/** Columns that are there also when no answer has them; what they hold is looked at as JSON. */
export const rawColumns: Readonly<Record<RawEntity, Readonly<Record<string, string>>>> = {
  projects: { id: "VARCHAR", key: "VARCHAR", name: "VARCHAR", style: "VARCHAR", lead: "JSON" },
  fields: { id: "VARCHAR", name: "VARCHAR", schema: "JSON" },
  statuses: { id: "VARCHAR", name: "VARCHAR", statusCategory: "JSON", scope: "JSON" },
  boards: { id: "BIGINT", name: "VARCHAR", type: "VARCHAR", location: "JSON" },
  configurations: { id: "BIGINT", columnConfig: "JSON", estimation: "JSON" },
  sprints: {
    id: "BIGINT",
    originBoardId: "BIGINT",
    name: "VARCHAR",
    state: "VARCHAR",
    goal: "VARCHAR",
    startDate: "VARCHAR",
    endDate: "VARCHAR",
    completeDate: "VARCHAR",
  },
  issues: { id: "VARCHAR", key: "VARCHAR", fields: "JSON", answered: "VARCHAR" },
  changes: { issueId: "VARCHAR", changeHistories: "JSON" },
  changesOfIssues: { id: "VARCHAR", changelog: "JSON" },
  census: { id: "VARCHAR", answered: "VARCHAR" },
  users: {
    accountId: "VARCHAR",
    name: "VARCHAR",
    displayName: "VARCHAR",
    active: "BOOLEAN",
    accountType: "VARCHAR",
  },
  workflows: { id: "VARCHAR", name: "VARCHAR", statuses: "JSON" },
  projectStatuses: { id: "VARCHAR", name: "VARCHAR", statuses: "JSON" },
  server: { baseUrl: "VARCHAR", version: "VARCHAR", deploymentType: "VARCHAR" },
};

/** A person of Cloud by account id, of a server of one's own by key or name. */
function personAt(json: string, path: string): string {
  const at = (field: string): string => `${json} ->> '${path}.${field}'`;
  return `coalesce(${at("accountId")}, ${at("key")}, ${at("name")})`;
}

function instantAt(text: string): string {
  return `cast(${text} as timestamptz)`;
}

/** `Sun, 31 Jan 2026 06:00:00 GMT`: when the site answered, by its own clock. */
function instantOfHeader(column: string): string {
  return `cast(strptime(cast(${column} as varchar), '%a, %d %b %Y %H:%M:%S GMT') as timestamp) at time zone 'UTC'`;
}

export const projectsSql: string = `select cast(id as varchar) as id, key, name, style, ${personAt("to_json(lead)", "$")} as lead from source`;

export const fieldsSql: string = `select cast(id as varchar) as id, name, to_json(schema) ->> '$.custom' as custom from source`;

export const statusListSql: string = `select cast(id as varchar) as id, name,
  coalesce(to_json(statusCategory) ->> '$.key', 'undefined') as category_key,
  to_json(scope) ->> '$.project.id' as project_id
from source`;

export const boardListSql: string = `select cast(id as bigint) as id, name, type, to_json(location) ->> '$.projectKey' as project_key from source`;

export const configurationsSql: string = `select cast(id as bigint) as board_id,
  to_json(list_transform(cast(to_json(columnConfig) -> '$.columns' as json[]), item -> {
    name: item ->> '$.name',
    statusIds: coalesce(cast(item ->> '$.statuses[*].id' as varchar[]), [])
  })) as columns,
  to_json(estimation) ->> '$.field.fieldId' as estimation_field
from source`;

export const sprintsSql: string = `select cast(id as bigint) as id, coalesce(cast(originBoardId as bigint), cast(unit_board as bigint)) as board_id, name,
  lower(state) as state, nullif(goal, '') as goal, ${instantAt("startDate")} as start_at, ${instantAt("endDate")} as end_at,
  ${instantAt("completeDate")} as complete_at
from source`;

/** What is read of the fields of an issue, all at once: each path on its own would mean to read the whole JSON again. */
const issuePaths = [
  "project.key",
  "summary",
  "issuetype.name",
  "issuetype.subtask",
  "status.id",
  "status.name",
  "status.statusCategory.key",
  "priority.name",
  "assignee.accountId",
  "assignee.key",
  "assignee.name",
  "reporter.accountId",
  "reporter.key",
  "reporter.name",
  "parent.id",
  "labels",
  "resolution.name",
  "created",
  "updated",
  "resolutiondate",
] as const;

function issueValue(path: (typeof issuePaths)[number]): string {
  return `v[${issuePaths.indexOf(path) + 1}]`;
}

function issuePerson(role: "assignee" | "reporter"): string {
  return `coalesce(${(["accountId", "key", "name"] as const).map((field) => issueValue(`${role}.${field}`)).join(", ")})`;
}

const listOfPaths = issuePaths.map((path) => `'$.${path}'`).join(", ");

/** The text of the first, second or third field of points of the project; NULL where it has fewer. */
function pointsAt(place: number): string {
  const name = `nullif(split_part(cast(points_fields as varchar), ',', ${place}), '')`;
  return `json_extract_string(f, '$."' || ${name} || '"')`;
}

/** `f` is the object of fields; `sprint_field` and `points_fields` are those of the project. */
export const issuesSql: string = `with given as (
  select id, key, sprint_field, points_fields, project_key, answered, to_json(fields) as f from source
), extracted as (
  select cast(id as varchar) as id, key, cast(project_key as varchar) as unit_project, cast(answered as varchar) as answered,
    json_extract_string(f, [${listOfPaths}]) as v,
    [${[1, 2, 3].map(pointsAt).join(", ")}] as points,
    json_extract(f, '$."' || cast(sprint_field as varchar) || '"') as sprint
  from given
), found as (
  select *, list_filter(points, text -> try_cast(text as double) is not null)[1] as number,
    list_filter(points, text -> text is not null and try_cast(text as double) is null)[1] as other
  from extracted
)
select id, key, coalesce(${issueValue("project.key")}, unit_project) as project_key, ${issueValue("summary")} as summary,
  ${issueValue("issuetype.name")} as type, coalesce(cast(${issueValue("issuetype.subtask")} as boolean), false) as is_subtask,
  ${issueValue("status.id")} as status_id, ${issueValue("status.name")} as status_name,
  coalesce(${issueValue("status.statusCategory.key")}, 'undefined') as status_category, ${issueValue("priority.name")} as priority,
  ${issuePerson("assignee")} as assignee, ${issuePerson("reporter")} as reporter, ${issueValue("parent.id")} as parent_id,
  coalesce(from_json(${issueValue("labels")}, '["VARCHAR"]'), []) as labels, cast(number as double) as points,
  case when json_type(sprint) = 'ARRAY' then list_transform(
    cast(sprint as json[]), item -> coalesce(item ->> '$.id', regexp_extract(item ->> '$', '[\\[,]id=(\\d+)', 1)))
  else [] end as sprint_ids,
  ${issueValue("resolution.name")} as resolution, ${instantAt(issueValue("created"))} as created_at, ${instantAt(issueValue("updated"))} as updated_at,
  ${instantAt(issueValue("resolutiondate"))} as resolved_at,
  case when number is null then other end as points_text,
  case when json_type(sprint) not in ('ARRAY', 'NULL') then cast(sprint as varchar) end as sprint_text,
  ${instantOfHeader("answered")} as read_at
from found`;

/** Of `issue_id` and `histories`, a list of JSON; what an item calls itself in the language of the account does not count where it has an id. */
function changesOf(histories: string): string {
  return `with opened as (
  select issue_id, cast(sprint_field as varchar) as sprint_field, cast(flagged_field as varchar) as flagged_field,
    string_split(coalesce(cast(points_fields as varchar), ''), ',') as points_fields,
    unnest(histories) as history
  from (${histories})
), items as (
  select *, unnest(list_zip(cast(history -> '$.items' as json[]), range(len(cast(history -> '$.items' as json[]))))) as pair from opened
), named as (
  select *, pair[1] as item, pair[2] as place, coalesce(pair[1] ->> '$.fieldId', pair[1] ->> '$.field') as name from items
)
select (history ->> '$.id') || '-' || place as id, issue_id,
  case when try_cast(history ->> '$.created' as bigint) is not null
    then to_timestamp(cast(history ->> '$.created' as bigint) / 1000.0)
    else ${instantAt("history ->> '$.created'")} end as created_at,
  ${personAt("history", "$.author")} as author,
  case
    when name in ('status', 'resolution', 'assignee', 'project') then name
    when name in ('issuekey', 'Key') then 'Key'
    when name = sprint_field or name = 'Sprint' then 'Sprint'
    when name = flagged_field or name = 'Flagged' then 'Flagged'
    when list_contains(points_fields, name) or name in ('Story Points', 'Story point estimate') then 'points'
  end as field,
  nullif(item ->> '$.from', '') as from_value, nullif(item ->> '$.fromString', '') as from_text,
  nullif(item ->> '$.to', '') as to_value, nullif(item ->> '$.toString', '') as to_text
from named
where field is not null`;
}

/** Of the changelogs of many issues. */
export const changesSql: string = changesOf(
  `select cast(issueId as varchar) as issue_id, cast(to_json(changeHistories) as json[]) as histories,
    sprint_field, flagged_field, points_fields from source`,
);

/** Of issues that have their changelog with them. */
export const changesOfIssuesSql: string = changesOf(
  `select cast(id as varchar) as issue_id, coalesce(cast(to_json(changelog) -> '$.histories' as json[]), []) as histories,
    sprint_field, flagged_field, points_fields from source`,
);

/** One row with all ids of a project. */
export const censusSql: string = `select cast(project_key as varchar) as project_key, list(distinct id) as ids, min(${instantOfHeader("answered")}) as census_at
from source group by all`;

export const usersSql: string = `select coalesce(accountId, name) as account_id, displayName as display_name, coalesce(active, false) as is_active,
  coalesce(accountType, 'atlassian') as kind
from source where coalesce(accountId, name) is not null`;

export const workflowsSql: string = `select cast(id as varchar) as id, name,
  coalesce(cast(to_json(statuses) ->> '$[*].statusReference' as varchar[]), []) as status_ids
from source`;

export const projectStatusesSql: string = `with types as (
  select cast(project_key as varchar) as project_key, name as type, unnest(cast(to_json(statuses) as json[])) as status from source
)
select project_key, type, status ->> '$.id' as status_id, status ->> '$.name' as status_name,
  coalesce(status ->> '$.statusCategory.key', 'undefined') as category_key
from types`;

export const serverSql: string = `select baseUrl as base_url, version, deploymentType as deployment_type from source`;
