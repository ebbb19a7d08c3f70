// The job that makes the health of projects out of figures that other jobs have published.
import type { JobContext } from "../../../core/job/job-context.ts";
import { defineJob, type Job, type UndeclaredParams } from "../../../core/job/job.ts";
import type { JobOptions } from "../../../core/job/job-options.ts";
import { type InputTable, toTableExpressions } from "../inputs.ts";
import { assertKnown, findKnown, type PublishedFigures, publishFigures, toFigures } from "../publications.ts";
import { type HealthRules, settleHealthRules, type SettledHealthRules } from "./health-rules.ts";
import { healthSelect } from "./health-sql.ts";

export interface ProjectHealthJobDefinition<Name extends string = string>
  extends Omit<JobOptions<Name>, "config" | "params">, HealthRules {
  /** What names of the datasets of Jira begin with. Default `jira_`. */
  readonly prefix?: string;
}

export interface ProjectHealthResult extends PublishedFigures {
  readonly rulesVersion: string;
  /** Rows by part whose score another version of the rules has moved, gained or lost. */
  readonly moved: Readonly<Record<string, number>>;
}

const dataset = "project_health";

/**
 * Defines the job that publishes `project_health` out of `jira_issue_metrics`, `sprint_metrics`, `jira_boards` and `delivery_deployments`. Only the
 * first has to be there; parts that need another one have no score without it. A run over the same rows and rules changes nothing.
 * @throws MillraceError `JOB_INVALID` when the rules cannot be right; a run fails with `DATASET_UNKNOWN` without `jira_issue_metrics`
 */
export function projectHealthJob<const Name extends string>(
  definition: ProjectHealthJobDefinition<Name>,
): Job<Name, UndeclaredParams, ProjectHealthResult> {
  const { name, prefix = "jira_", ...others } = definition;
  const rules = settleHealthRules(`job \`${name}\``, definition);
  const { parts: _1, services: _2, bugs: _3, timezone: _4, leastValues: _5, leastCoverage: _6, ...common } = others;
  const tables = inputTables(prefix);
  return defineJob({
    purpose: "aggregation",
    ...common,
    name,
    inputs: tables.map((table) => table.dataset),
    outputs: [dataset],
    execute: (ctx) => computeHealth(ctx, rules, tables),
  });
}

async function computeHealth(
  ctx: JobContext,
  rules: SettledHealthRules,
  tables: readonly InputTable[],
): Promise<ProjectHealthResult> {
  const names = tables.map((table) => table.dataset);
  const known = await findKnown(ctx, [...names, dataset]);
  assertKnown(known, ["jira_issue_metrics"]);
  const before = await readScores(ctx, known.has(dataset));
  const published = await publishFigures(ctx, {
    dataset,
    sql: `with ${toTableExpressions(tables, known).join(", ")}, ${healthSelect(rules)}`,
    inputs: names.filter((name) => known.has(name)),
    key: ["project_key", "period", "start_at", "part"],
    checks: [
      { sql: "select part from rows where score not between 0 and 100", name: "scores" },
      {
        sql: "select part from rows where part <> 'overall' and value is null and score is not null",
        name: "no data, no score",
      },
    ],
  });
  const areRulesNew = [...before.values()].some(({ version }) => version !== rules.version);
  const moved = areRulesNew ? countMoved(before, await readScores(ctx, true)) : {};
  for (const [part, rows] of Object.entries(moved)) ctx.log.info(`other rules moved ${part}`, { rows });
  if (Object.keys(moved).length > 0) ctx.log.warn("the rules of project health have changed, and scores have moved");
  return { ...toFigures([published]), rulesVersion: rules.version, moved };
}

interface Score {
  readonly part: string;
  readonly score: unknown;
  readonly version: unknown;
}

async function readScores(ctx: JobContext, isKnown: boolean): Promise<ReadonlyMap<string, Score>> {
  if (!isKnown) return new Map();
  const rows = await ctx.data.query(
    `select project_key, start_at::varchar as start_at, part, score, rules_version from ${dataset}`,
    [dataset],
  );
  return new Map(
    rows.map((row) => [
      JSON.stringify([row["project_key"], row["start_at"], row["part"]]),
      { part: String(row["part"]), score: row["score"], version: row["rules_version"] },
    ]),
  );
}

function countMoved(
  before: ReadonlyMap<string, Score>,
  after: ReadonlyMap<string, Score>,
): Readonly<Record<string, number>> {
  const moved = new Map<string, number>();
  for (const key of new Set([...before.keys(), ...after.keys()])) {
    if (before.get(key)?.score === after.get(key)?.score) continue;
    const { part } = before.get(key) ?? after.get(key) ?? { part: key };
    moved.set(part, (moved.get(part) ?? 0) + 1);
  }
  return Object.fromEntries([...moved].toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

function inputTables(prefix: string): readonly InputTable[] {
  return [
    {
      name: "issues",
      dataset: "jira_issue_metrics",
      columns: {
        issue_id: "VARCHAR",
        project_key: "VARCHAR",
        type: "VARCHAR",
        is_subtask: "BOOLEAN",
        is_left_out: "BOOLEAN",
        created_at: "TIMESTAMPTZ",
        started_at: "TIMESTAMPTZ",
        done_at: "TIMESTAMPTZ",
        cycle_seconds: "BIGINT",
        age_seconds: "BIGINT",
        flow_efficiency: "DOUBLE",
        reopened: "BIGINT",
      },
    },
    {
      name: "sprints",
      dataset: "sprint_metrics",
      columns: { board_id: "BIGINT", closed_at: "TIMESTAMPTZ", completion_rate: "DOUBLE" },
    },
    { name: "boards", dataset: `${prefix}boards`, columns: { id: "BIGINT", project_key: "VARCHAR" } },
    {
      name: "deployments",
      dataset: "delivery_deployments",
      columns: { service: "VARCHAR", deployed_at: "TIMESTAMPTZ", is_failed: "BOOLEAN" },
    },
  ];
}
