// The job that makes deployments, changes, incidents and the five metrics of DORA out of what was collected of GitHub and Jira.
import type { JobContext, PublishResult } from "../../../core/job/job-context.ts";
import { defineJob, type Job, type UndeclaredParams } from "../../../core/job/job.ts";
import type { JobOptions } from "../../../core/job/job-options.ts";
import { changeRows, commitLeadSelect } from "./changes-sql.ts";
import { baseDeployments, type DeploymentScope, serviceTable } from "./deployments-sql.ts";
import { doraSelect } from "./dora-sql.ts";
import { findServices, type KnownEnvironment } from "./find-services.ts";
import { deploymentRows, incidentRows } from "./incidents-sql.ts";
import { type GithubInput, githubTables, type InputTable, jiraTables, toTableExpressions } from "../inputs.ts";
import { countMoved, type OverallFigures, readOverall } from "../moved-figures.ts";
import { peopleDatasets, planPeople } from "../people/plan-people.ts";
import {
  type Publication,
  type PublishedFigures,
  assertKnown,
  findKnown,
  publishFigures,
  toFigures,
} from "../publications.ts";
import { matchesName } from "../rules/conditions-sql.ts";
import { planPullRequestFigures, planPullRequests, pullRequestDatasets } from "../pull-requests/plan-pull-requests.ts";
import { type DeliveryRules, settleRules, type SettledRules } from "../rules/rules.ts";
import { listText, type ServiceEnvironment, withTables } from "../sql-values.ts";
import { signatureSelect } from "../touched-sql.ts";
import { type UncomparedDeployment, walkCommits } from "./walk-commits.ts";

export interface DoraJobDefinition<Name extends string = string>
  extends Omit<JobOptions<Name>, "config" | "params">, DeliveryRules {
  /** What names of the datasets begin with. Default `github_` and `jira_`; those of figures begin with `delivery_`. */
  readonly prefixes?: { readonly github?: string; readonly jira?: string };
}

export interface DoraResult extends PublishedFigures {
  readonly rulesVersion: string;
  /** Services whose rows had changed, and all of them when the rules had. */
  readonly computed: number;
  readonly services: number;
  /** Services by metric whose figure over all time another version of the rules has moved. */
  readonly moved: Readonly<Record<string, number>>;
}

export const deliveryDatasets = {
  services: "delivery_services",
  changes: "delivery_changes",
  commitLeads: "delivery_commit_leads",
  incidents: "delivery_incidents",
  deployments: "delivery_deployments",
  dora: "delivery_dora",
} as const;

const allDatasets: readonly string[] = [deliveryDatasets, pullRequestDatasets, peopleDatasets].flatMap((names) =>
  Object.values<string>(names),
);

const github: readonly GithubInput[] = [
  "repositories",
  "pull_requests",
  "pull_request_commits",
  "reviews",
  "pull_request_events",
  "commits",
  "deployments",
  "deployment_statuses",
  "deployment_commits",
];
const required: readonly GithubInput[] = ["repositories", "pull_requests", "deployments", "deployment_statuses"];

/**
 * Defines the job that publishes `delivery_services`, `delivery_changes`, `delivery_commit_leads`, `delivery_incidents`,
 * `delivery_deployments` and `delivery_dora`; `delivery_pull_request_metrics` with their figures; and, by team and never by person,
 * `delivery_collaboration`, `delivery_commit_patterns` and `delivery_bus_factor`. Only services whose rows have changed since are computed
 * again, and teams when any has; a run over the same rows and rules changes nothing. Datasets of Jira, reviews, events, commits and comparisons may be missing: what depends on them is NULL.
 * @throws MillraceError `JOB_INVALID` when the rules cannot be right; a run fails with `DATASET_UNKNOWN` without repositories, pull
 *   requests, deployments or their statuses
 */
export function doraJob<const Name extends string>(
  definition: DoraJobDefinition<Name>,
): Job<Name, UndeclaredParams, DoraResult> {
  const { name, prefixes = {}, ...others } = definition;
  const rules = settleRules(`job \`${name}\``, definition);
  const {
    services: _1,
    production: _2,
    sameDeployment: _3,
    incidents: _4,
    hotfixes: _5,
    timezone: _6,
    ...rest
  } = others;
  const { bots: _7, teams: _8, leastValues: _9, people: _10, staleAfter: _11, calendar: _12, ...common } = rest;
  const names = { github: "github_", jira: "jira_", ...prefixes };
  const tables = [...githubTables(names, github), ...jiraTables(names, ["issues"])];
  return defineJob({
    purpose: "aggregation",
    ...common,
    name,
    inputs: tables.map(({ dataset }) => dataset),
    outputs: allDatasets,
    execute: (ctx) => computeDora(ctx, rules, tables),
  });
}

async function computeDora(ctx: JobContext, rules: SettledRules, tables: readonly InputTable[]): Promise<DoraResult> {
  const scene = await openScene(ctx, rules, tables);
  ctx.progress({ operation: "looking for services that have changed" });
  const environments = findServices(await listEnvironments(scene), rules);
  const signatures = signatureOf(scene, environments);
  const touched = await findTouched(scene, signatures, environments);
  const before = touched.areRulesNew ? await readFigures(ctx, scene.known) : undefined;
  const published: PublishResult[] = [];
  if (touched.isWhole || touched.services.length > 0 || touched.areSomeGone) {
    ctx.progress({ operation: `computing ${touched.services.length} services` });
    for (const publication of await planPublications(scene, environments, new Set(touched.services))) {
      published.push(await publishFigures(ctx, publication));
    }
    published.push(await publishFigures(ctx, planPullRequestFigures(rules)));
    for (const publication of planPeople({
      rules,
      environments,
      tables: toTableExpressions(tables, scene.known),
      inputs: scene.inputs,
    })) {
      published.push(await publishFigures(ctx, publication));
    }
    published.push(await publishFigures(ctx, doraPublication(rules, areIncidentsKnown(scene))));
    // last: a run that dies before it computes the same services again
    published.push(await publishFigures(ctx, signatures));
  }
  const moved = before === undefined ? {} : countMoved(ctx, before, await readFigures(ctx, new Set(allDatasets)));
  return {
    ...toFigures(published),
    rulesVersion: rules.version,
    computed: touched.services.length,
    services: new Set(environments.map(({ service }) => service)).size,
    moved,
  };
}

interface Scene {
  readonly ctx: JobContext;
  readonly rules: SettledRules;
  readonly tables: readonly InputTable[];
  readonly known: ReadonlySet<string>;
  /** Input datasets that there are. */
  readonly inputs: readonly string[];
}

async function openScene(ctx: JobContext, rules: SettledRules, tables: readonly InputTable[]): Promise<Scene> {
  const names = tables.map(({ dataset }) => dataset);
  const known = await findKnown(ctx, [...names, ...allDatasets]);
  const needed = tables.filter(({ name }) => required.some((table) => table === name)).map(({ dataset }) => dataset);
  assertKnown(known, needed);
  return { ctx, rules, tables, known, inputs: names.filter((name) => known.has(name)) };
}

async function listEnvironments({ ctx, tables, known, inputs }: Scene): Promise<readonly KnownEnvironment[]> {
  const sql = withTables(
    toTableExpressions(tables, known),
    `select distinct r.id as repository_id, r.full_name, d.environment
     from repositories r left join deployments d on d.repository_id = r.id order by all`,
  );
  const rows = await ctx.data.query(sql, inputs);
  return rows.map(({ repository_id, full_name, environment }) => ({
    repository_id: Number(repository_id),
    full_name: String(full_name),
    environment: typeof environment === "string" ? environment : null,
  }));
}

function signatureOf(scene: Scene, environments: readonly ServiceEnvironment[]): Publication {
  const { tables, known, inputs, rules } = scene;
  const { types, labels } = rules.incidents;
  const isIncident = `type in (select unnest(${listText(types)})) or list_has_any(coalesce(labels, []), ${listText(labels)})`;
  const { tables: own, select } = signatureSelect(environments, rules.version, isIncident, areIncidentsKnown(scene));
  return {
    dataset: deliveryDatasets.services,
    sql: withTables([...toTableExpressions(tables, known), ...own], select),
    inputs,
    key: ["service", "repository_id", "environment"],
  };
}

interface Touched {
  /** Whether everything is published, also when there is no service. */
  readonly isWhole: boolean;
  readonly services: readonly string[];
  readonly areRulesNew: boolean;
  /** Whether rows of a service have to go that there is no more. */
  readonly areSomeGone: boolean;
}

async function findTouched(
  { ctx, known, rules }: Scene,
  { sql, inputs }: Publication,
  environments: readonly ServiceEnvironment[],
): Promise<Touched> {
  const all = [...new Set(environments.map(({ service }) => service))];
  const isFirst = !allDatasets.every((name) => known.has(name));
  if (isFirst || ctx.run.isFullRefresh) return { services: all, isWhole: true, areRulesNew: false, areSomeGone: false };
  const now = await ctx.data.query(`select distinct service, signature from (${sql})`, inputs);
  const { services } = deliveryDatasets;
  const then = await ctx.data.query(`select distinct service, signature, rules_version from ${services}`, [services]);
  const signatures = new Map(then.map((row) => [String(row["service"]), row]));
  const areRulesNew = then.some((row) => row["rules_version"] !== rules.version);
  if (areRulesNew) return { services: all, isWhole: true, areRulesNew, areSomeGone: false };
  const areSomeGone = [...signatures.keys()].some((service) => !all.includes(service));
  const changed = now.filter((row) => signatures.get(String(row["service"]))?.["signature"] !== row["signature"]);
  return { services: changed.map(({ service }) => String(service)), isWhole: false, areRulesNew, areSomeGone };
}

/** What is published for the services that are computed, in the order in which it is read. */
async function planPublications(
  scene: Scene,
  environments: readonly ServiceEnvironment[],
  services: ReadonlySet<string>,
): Promise<readonly Publication[]> {
  const { rules, known, tables } = scene;
  const own = environments.filter(({ service }) => services.has(service));
  const ids = [-1, ...new Set(own.map(({ repository_id }) => repository_id))].join(", ");
  const where = Object.fromEntries(
    tables.filter(({ columns }) => "repository_id" in columns).map(({ name }) => [name, `repository_id in (${ids})`]),
  );
  const expressions = toTableExpressions(tables, known, where);
  const bare: DeploymentScope = { rules, environments: own, walked: [] };
  const walked = await walkUncompared(scene, [...expressions, ...baseDeployments(bare)]);
  const base = [...expressions, ...baseDeployments({ ...bare, walked })];
  const { changes, incidents, deployments, commitLeads } = deliveryDatasets;
  const computed = `where service in (select service from service_environments)`;
  const changesTable = `changes as (select * from ${changes} ${computed})`;
  const incidentsTable = `incidents as (select * from ${incidents} ${computed})`;
  const sources = {
    areReviewsKnown: isKnown(scene, "reviews"),
    areCommitsKnown: isKnown(scene, "pull_request_commits"),
  };
  const changeSql = changeRows(rules, sources);
  const incidentSql = incidentRows(rules);
  const deploymentSql = deploymentRows(rules, matchesName("b.ref", rules.hotfixBranches));
  const { inputs } = scene;
  return [
    {
      dataset: changes,
      sql: withTables([...base, ...changeSql.tables], changeSql.select),
      inputs,
      key: ["service", "repository_id", "number"],
    },
    { dataset: commitLeads, sql: withTables(base, commitLeadSelect), inputs, key: ["service", "repository_id", "sha"] },
    {
      dataset: incidents,
      sql: withTables([...base, changesTable, ...incidentSql.tables], incidentSql.select),
      inputs: [...inputs, changes],
      key: ["service", "incident_id"],
    },
    {
      dataset: deployments,
      sql: withTables([...base, changesTable, incidentsTable, ...deploymentSql.tables], deploymentSql.select),
      inputs: [...inputs, changes, incidents],
      key: ["service", "deployment_id"],
    },
    planPullRequests({
      rules,
      sources,
      tables: [...expressions, serviceTable(own), changesTable],
      inputs: [...inputs, changes],
    }),
  ].map((publication) => keepOthers(publication, scene, services, environments));
}

function isKnown({ known, tables }: Scene, input: GithubInput): boolean {
  const table = tables.find(({ name }) => name === input);
  return table !== undefined && known.has(table.dataset);
}

/** Rows of services that are not computed stay as they are; those of services that there are no more go. */
function keepOthers(
  publication: Publication,
  { known }: Scene,
  services: ReadonlySet<string>,
  environments: readonly ServiceEnvironment[],
): Publication {
  const { dataset, sql, inputs } = publication;
  const others = [...new Set(environments.map(({ service }) => service))].filter((name) => !services.has(name));
  if (!known.has(dataset) || others.length === 0) return publication;
  const kept = `select * from ${dataset} where service in (select unnest(${listText(others)}))`;
  return { ...publication, sql: `select * from (${sql}) union all by name ${kept}`, inputs: [...inputs, dataset] };
}

/** Deployments whose comparison is missing or was made with another base, found in the history of commits of their repositories. */
async function walkUncompared({ ctx, inputs }: Scene, tables: readonly string[]): Promise<DeploymentScope["walked"]> {
  const found = await ctx.data.query(
    withTables(
      tables,
      `select id, repository_id, previous_sha, sha from base where not is_baseline and not is_compared order by id`,
    ),
    inputs,
  );
  if (found.length === 0) return [];
  const ids = [...new Set(found.map((row) => String(row["repository_id"])))].join(", ");
  const commits = await ctx.data.query(
    withTables(
      tables,
      `select repository_id, sha, to_json(parents)::varchar as parents from commits where repository_id in (${ids})`,
    ),
    inputs,
  );
  const histories = new Map<string, Map<string, readonly string[]>>();
  for (const { repository_id, sha, parents } of commits) {
    const history = histories.get(String(repository_id)) ?? new Map<string, readonly string[]>();
    history.set(String(sha), parseParents(parents));
    histories.set(String(repository_id), history);
  }
  return found.flatMap((row) => {
    const deployment: UncomparedDeployment = {
      deployment_id: Number(row["id"]),
      repository_id: Number(row["repository_id"]),
      base: String(row["previous_sha"]),
      head: String(row["sha"]),
    };
    return walkCommits(deployment, histories.get(String(row["repository_id"])) ?? new Map());
  });
}

function parseParents(parents: unknown): readonly string[] {
  const parsed: unknown = typeof parents === "string" ? JSON.parse(parents) : [];
  return Array.isArray(parsed) ? parsed.map(String) : [];
}

/** Whether somebody collects the issues that incidents are. */
function areIncidentsKnown({ known, tables, rules: { incidents } }: Scene): boolean {
  const issues = tables.find(({ name }) => name === "jira_issues");
  return issues !== undefined && known.has(issues.dataset) && incidents.types.length + incidents.labels.length > 0;
}

/** The last instant that anything is known of. */
const horizonTable = `horizon as (
  select max(instant) as instant from (
    select max(deployed_at) as instant from deployments
    union all select max(merged_at) from changes
    union all select max(coalesce(resolved_at, created_at)) from incidents))`;

function doraPublication(rules: SettledRules, areKnown: boolean): Publication {
  const { changes, incidents, deployments, commitLeads, dora } = deliveryDatasets;
  const names = { deployments, changes, commit_leads: commitLeads, incidents };
  const tables = Object.entries(names).map(([name, dataset]) => `${name} as (select * from ${dataset})`);
  tables.push(horizonTable);
  const sql = doraSelect(rules, areKnown).replace(/^with /, `with ${tables.join(", ")}, `);
  return { dataset: dora, sql, inputs: Object.values(names), key: ["service", "period", "start_at", "metric"] };
}

/** Figures over all time, of which other rules are told to have moved some. */
async function readFigures(ctx: JobContext, known: ReadonlySet<string>): Promise<OverallFigures> {
  const all = [deliveryDatasets.dora, pullRequestDatasets.pullRequestFigures];
  return await readOverall(
    ctx,
    all.filter((dataset) => known.has(dataset)).map((dataset) => ({ dataset, subject: "service" })),
  );
}
