// The job that makes issue and sprint figures out of what was collected of Jira.
import type { JobContext, PublishResult } from "../../../core/job/job-context.ts";
import { defineJob, type Job, type UndeclaredParams } from "../../../core/job/job.ts";
import type { JobOptions } from "../../../core/job/job-options.ts";
import { type InputTable, jiraTables, toTableExpressions } from "../inputs.ts";
import { type IssueRules, type SettledIssueRules, settleIssueRules } from "../rules/issue-rules.ts";
import { ageNow, categoryTables, flowSelect, issueRows } from "./issues-sql.ts";
import { countMoved, type FigureDataset, readOverall } from "../moved-figures.ts";
import {
  type Publication,
  type PublishedFigures,
  assertKnown,
  findKnown,
  publishFigures,
  toFigures,
} from "../publications.ts";
import { quote, structsText, withTables } from "../sql-values.ts";
import { rowsHash } from "../touched-sql.ts";
import { burndownSelect, scopeRows, sprintSelect } from "./sprints-sql.ts";

export interface SprintJobDefinition<Name extends string = string>
  extends Omit<JobOptions<Name>, "config" | "params">, IssueRules {
  /** What names of the datasets of Jira begin with. Default `jira_`. */
  readonly prefix?: string;
}

export interface SprintResult extends PublishedFigures {
  readonly rulesVersion: string;
  /** Issues whose history or fields had changed, and all of them when the rules had. */
  readonly computedIssues: number;
  readonly computedSprints: number;
  /** Projects by metric whose figure over all time another version of the rules has moved. */
  readonly moved: Readonly<Record<string, number>>;
}

export const sprintDatasets = {
  signatures: "jira_issue_signatures",
  issues: "jira_issue_metrics",
  flow: "jira_flow",
  scope: "sprint_scope",
  sprints: "sprint_metrics",
  burndown: "sprint_burndown",
} as const;

/**
 * Defines the job that publishes `jira_issue_metrics`, `jira_flow`, `sprint_scope`, `sprint_metrics` and `sprint_burndown`. Only issues that
 * have changed since, and the sprints that they are or were in, are computed again; `jira_issue_signatures` remembers what they looked like.
 * @throws MillraceError `JOB_INVALID` when the rules cannot be right; a run fails with `DATASET_UNKNOWN` without issues or their changes
 */
export function sprintJob<const Name extends string>(
  definition: SprintJobDefinition<Name>,
): Job<Name, UndeclaredParams, SprintResult> {
  const { name, prefix = "jira_", ...others } = definition;
  const rules = settleIssueRules(`job \`${name}\``, definition);
  const {
    statuses: _1,
    waiting: _2,
    velocitySprints: _3,
    leaveOut: _4,
    timezone: _5,
    calendar: _6,
    ...common
  } = others;
  const tables = jiraTables({ github: "", jira: prefix }, [
    "issues",
    "changes",
    "statuses",
    "workflow_mapping",
    "sprints",
    "boards",
  ]).map((table) => (table.name === "jira_statuses" ? table : { ...table, name: table.name.slice("jira_".length) }));
  return defineJob({
    purpose: "aggregation",
    ...common,
    name,
    inputs: tables.map(({ dataset }) => dataset),
    outputs: Object.values(sprintDatasets),
    execute: (ctx) => computeSprints(ctx, { rules, tables }),
  });
}

interface Scene {
  readonly rules: SettledIssueRules;
  readonly tables: readonly InputTable[];
}

async function computeSprints(ctx: JobContext, scene: Scene): Promise<SprintResult> {
  const { rules, tables } = scene;
  const names = tables.map(({ dataset }) => dataset);
  const known = await findKnown(ctx, [...names, ...Object.values(sprintDatasets)]);
  assertKnown(
    known,
    tables.filter(({ name }) => name === "issues" || name === "changes").map(({ dataset }) => dataset),
  );
  const inputs = names.filter((name) => known.has(name));
  const expressions = toTableExpressions(tables, known);
  const signatures = signaturePublication(expressions, inputs, rules);
  const isWhole = ctx.run.isFullRefresh || !Object.values(sprintDatasets).every((name) => known.has(name));
  const found = isWhole ? undefined : await findTouched(ctx, signatures);
  // so many are computed faster with all others than told one by one
  const touched = found === undefined || found.length > mostTouched ? undefined : found;
  const [counts] = await ctx.data.query(countTouched(expressions, touched), inputs);
  const areRulesNew = !isWhole && (await hasOtherRules(ctx, rules));
  const before = areRulesNew ? await readOverall(ctx, flowFigures) : undefined;
  const published: PublishResult[] = [];
  if (touched === undefined || Number(counts?.["issues"]) + Number(counts?.["sprints"]) > 0) {
    for (const publication of planPublications(expressions, { scene, inputs, touched })) {
      published.push(await publishFigures(ctx, publication));
    }
    // last: a run that dies before it computes the same issues again
    published.push(await publishFigures(ctx, signatures));
  }
  return {
    ...toFigures(published),
    rulesVersion: rules.version,
    computedIssues: Number(counts?.["issues"] ?? 0),
    computedSprints: Number(counts?.["sprints"] ?? 0),
    moved: before === undefined ? {} : countMoved(ctx, before, await readOverall(ctx, flowFigures)),
  };
}

const flowFigures: readonly FigureDataset[] = [{ dataset: sprintDatasets.flow, subject: "project_key" }];

/** Whether figures were made with other rules; those of before versions were told are taken to be the same. */
async function hasOtherRules(ctx: JobContext, { version }: SettledIssueRules): Promise<boolean> {
  const { signatures } = sprintDatasets;
  const columns = await ctx.data.query(`select * from ${signatures} limit 1`, [signatures]);
  if (columns[0] === undefined || !("rules_version" in columns[0])) return false;
  const [other] = await ctx.data.query(`select 1 from ${signatures} where rules_version <> ${quote(version)} limit 1`, [
    signatures,
  ]);
  return other !== undefined;
}

/**
 * What issues, sprints and boards look like now; what statuses mean and the rules are in the signature of each, what people have said in those
 * of a project.
 */
function signaturePublication(
  expressions: readonly string[],
  inputs: readonly string[],
  rules: SettledIssueRules,
): Publication {
  const sql = withTables(
    [
      ...expressions,
      ...categoryTables(rules),
      `status_part as (
        select (select ${rowsHash("t")} from jira_statuses t) + (select ${rowsHash("c")} from categories c) as part)`,
      `said_parts as (
        select project_key, ${rowsHash("t")} as part from workflow_mapping t where is_category_said or is_waiting_said group by all)`,
      `change_parts as (select issue_id, ${rowsHash("t")} as part from changes t group by all)`,
      `member_lists as (
        select issue_id, string_agg(distinct list, ',' order by list) as sprint_list from (
          select id as issue_id, array_to_string(sprint_ids, ',') as list from issues
          union all select issue_id, to_value from changes where field = 'Sprint'
          union all select issue_id, from_value from changes where field = 'Sprint') where list <> '' group by all)`,
    ],
    `select 'issue' as kind, i.id, hash(i, c.part, s.part, w.part, ${quote(rules.version)})::varchar as signature, m.sprint_list, ${quote(rules.version)} as rules_version
       from issues i left join change_parts c on c.issue_id = i.id left join said_parts w on w.project_key = i.project_key left join member_lists m on m.issue_id = i.id cross join status_part s
     union all
     select 'sprint', s.id::varchar, hash(s, b, p.part, ${quote(rules.version)})::varchar, s.id::varchar, ${quote(rules.version)}
       from sprints s left join boards b on b.id = s.board_id cross join status_part p`,
  );
  return { dataset: sprintDatasets.signatures, sql, inputs, key: ["kind", "id"] };
}

/** Entities whose signature is another one than the last time, are new, or are gone, with the sprints that they belong or belonged to. */
interface TouchedEntity {
  readonly kind: string;
  readonly id: string;
  /** Ids of sprints behind commas; null for an issue that never was in one. */
  readonly sprint_list: string | null;
}

/** Texts of some MB, which each statement has. */
const mostTouched = 20_000;

async function findTouched(ctx: JobContext, { sql, inputs }: Publication): Promise<readonly TouchedEntity[]> {
  const { signatures } = sprintDatasets;
  const rows = await ctx.data.query(
    `select coalesce(n.kind, o.kind) as kind, coalesce(n.id, o.id) as id, concat_ws(',', n.sprint_list, o.sprint_list) as sprint_list
     from (${sql}) n full join ${signatures} o using (kind, id) where n.signature is distinct from o.signature order by all`,
    [...inputs, signatures],
  );
  return rows.map(({ kind, id, sprint_list }) => ({
    kind: String(kind),
    id: String(id),
    sprint_list: typeof sprint_list === "string" ? sprint_list : null,
  }));
}

/**
 * `touched_issues` and `touched_sprints`; `own_issues` and `own_changes`, those that are computed; `scoped_issues` and `scoped_changes`, those of
 * issues that are or were in a touched sprint. Others are only asked what statuses mean, and when the last instant is.
 */
function touchedTables(touched: readonly TouchedEntity[] | undefined): readonly string[] {
  if (touched === undefined) {
    return [
      `touched_issues as (select id from issues)`,
      `touched_sprints as (select id from sprints)`,
      ...["own", "scoped"].flatMap((name) => [
        `${name}_issues as (select * from issues)`,
        `${name}_changes as (select * from changes)`,
      ]),
    ];
  }
  const isTouched = (list: string): string =>
    `list_has_any(string_split(replace(${list}, ' ', ''), ','), (from touched_list))`;
  return [
    `touched as materialized (select unnest(${structsText(touched, { kind: "VARCHAR", id: "VARCHAR", sprint_list: "VARCHAR" })}, recursive := true))`,
    `touched_issues as (select id from touched where kind = 'issue')`,
    `touched_sprints as materialized (
      select distinct try_cast(trim(s) as bigint) as id from (select unnest(string_split(sprint_list, ',')) as s from touched) where trim(s) <> '')`,
    `touched_list as materialized (select coalesce(list(id::varchar), []) from touched_sprints)`,
    `members_of_touched as materialized (
      select id from issues where ${isTouched("array_to_string(sprint_ids, ',')")}
      union select issue_id from changes where field = 'Sprint' and (${isTouched("to_value")} or ${isTouched("from_value")}))`,
    `own_issues as (from issues where id in (select id from touched_issues))`,
    `own_changes as (from changes where issue_id in (select id from touched_issues))`,
    `scoped_issues as (from issues where id in (select id from members_of_touched))`,
    `scoped_changes as (from changes where issue_id in (select id from members_of_touched))`,
  ];
}

function countTouched(expressions: readonly string[], touched: readonly TouchedEntity[] | undefined): string {
  return withTables(
    [...expressions, ...touchedTables(touched)],
    `select (select count(*) from touched_issues) as issues, (select count(*) from touched_sprints) as sprints`,
  );
}

interface PlanRequest {
  readonly scene: Scene;
  readonly inputs: readonly string[];
  /** All where it is not there. */
  readonly touched: readonly TouchedEntity[] | undefined;
}

function planPublications(
  expressions: readonly string[],
  { scene, inputs, touched }: PlanRequest,
): readonly Publication[] {
  const { rules } = scene;
  const { issues, flow, scope, sprints, burndown } = sprintDatasets;
  const base = [...expressions, ...touchedTables(touched), ...categoryTables(rules)];
  const issueSql = issueRows(rules);
  const scopeSql = scopeRows();
  const kept = (dataset: string, id: string, touchedTable: string, columns = "*"): string =>
    touched === undefined
      ? ""
      : ` union all by name select ${columns} from ${dataset} where ${id} not in (select id from ${touchedTable})`;
  const own = touched === undefined ? [] : [issues];
  const ownScope = touched === undefined ? [] : [scope];
  const scopeTable = `scope as (select * from ${scope})`;
  return [
    {
      dataset: issues,
      sql: withTables(
        [...base, ...issueSql.tables],
        `select * from (${issueSql.select})${kept(issues, "issue_id", "touched_issues", `* replace (${ageNow})`)}`,
      ),
      inputs: [...inputs, ...own],
      key: ["issue_id"],
    },
    {
      dataset: flow,
      sql: `with issue_metrics as (select * from ${issues}), ${flowSelect(rules)}`,
      inputs: [issues],
      key: ["project_key", "period", "start_at", "metric"],
    },
    {
      dataset: scope,
      sql: withTables(
        [...base, ...scopeSql.tables],
        `select * from (${scopeSql.select})${kept(scope, "sprint_id", "touched_sprints")}`,
      ),
      inputs: [...inputs, ...ownScope],
      key: ["sprint_id", "issue_id", "position"],
    },
    {
      dataset: sprints,
      sql: `with ${[...expressions, scopeTable].join(", ")}, ${sprintSelect(rules.velocitySprints)}`,
      inputs: [...inputs, scope],
      key: ["sprint_id"],
    },
    {
      dataset: burndown,
      sql: `with ${scopeTable}, ${burndownSelect}`,
      inputs: [scope],
      key: ["sprint_id", "happened_at"],
    },
  ];
}
