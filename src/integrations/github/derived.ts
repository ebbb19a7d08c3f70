// What follows from the streams without asking anybody: units for the next streams, and the datasets that people read. All of it is
// computed anew from what was collected, so that it can be run at any time.
import { sqlJob } from "../../data/jobs/sql-job.ts";
import type { Job } from "../../core/job/job.ts";
import type { GithubSettings } from "./options.ts";

/** A dataset made of others; names without the prefix, which stand in the SQL as `{name}`. */
interface Derived {
  readonly name: string;
  readonly description: string;
  readonly inputs: readonly string[];
  readonly sql: string;
}

/** In an order in which each comes after those that it reads. */
export function createDerived(settings: GithubSettings): readonly Job[] {
  const { streams } = settings;
  return [
    repositoryUnits(settings),
    pullRequestUnits,
    detailUnits,
    pullRequests(streams.has("details")),
    ...(streams.has("pull_request_commits") ? [pullRequestCommits] : []),
    ...(streams.has("events") ? [eventUnits] : []),
    ...(unsigned.some((stream) => streams.has(stream)) ? [activityUnits] : []),
    ...(streams.has("commits") ? [headMoves, headStarts, headRetreats, commits] : []),
    ...(streams.has("deployments")
      ? [deploymentUnits, deploymentPairs(settings), deploymentMoves, deploymentCommits]
      : []),
  ].map((derived) => toJob(derived, settings));
}

function toJob({ name, description, inputs, sql }: Derived, { prefix, retry }: GithubSettings): Job {
  return sqlJob({
    name: `${prefix}${name}`,
    description,
    layer: "silver",
    inputs: inputs.map((input) => `${prefix}${input}`),
    sql: inputs.reduce((text, input) => text.replaceAll(`{${input}}`, `${prefix}${input}`), sql),
    output: { dataset: `${prefix}${name}` },
    ...(retry === undefined ? {} : { retry }),
  });
}

function repositoryUnits({ repositories: { include, exclude, archived } }: GithubSettings): Derived {
  const matches = (patterns: readonly string[]): string =>
    patterns.map((pattern) => `regexp_full_match(lower(name), ${quote(toRegex(pattern))})`).join(" or ");
  const conditions = [
    "not is_disabled",
    "owner is not null and name is not null",
    ...(archived ? [] : ["not is_archived"]),
    ...(include.length === 0 ? [] : [`(${matches(include)})`]),
    ...(exclude.length === 0 ? [] : [`not (${matches(exclude)})`]),
  ];
  return {
    name: "repository_units",
    description: "repositories that are collected",
    inputs: ["repositories"],
    sql: `select id, full_name, owner, name, coalesce(default_branch, 'main') as default_branch,
        coalesce(pushed_at, created_at, timestamptz '2007-10-01') as pushed_at
      from {repositories} where ${conditions.join(" and ")}`,
  };
}

const pullRequestUnits: Derived = {
  name: "pull_request_units",
  description: "pull requests whose reviews are read",
  inputs: ["pull_request_items", "repository_units"],
  sql: `select p.id, p.repository_id, r.owner, r.name, p.number, coalesce(p.head_sha, '') as head_sha, p.state, p.updated_at
    from {pull_request_items} p join {repository_units} r on r.id = p.repository_id`,
};

const detailUnits: Derived = {
  name: "pull_request_detail_units",
  description: "pull requests whose size and commits are read: all but those that were closed without a merge",
  inputs: ["pull_request_units"],
  sql: "select * exclude (state) from {pull_request_units} where state <> 'closed'",
};

function pullRequests(hasDetails: boolean): Derived {
  const columns = ["additions", "deletions", "changed_files", "commit_count"];
  const details = hasDetails
    ? [...columns, "merged_by"].map((name) => `d.${name}`)
    : [...columns.map((name) => `null::bigint as ${name}`), "null::varchar as merged_by"];
  return {
    name: "pull_requests",
    description: "pull requests with their size",
    inputs: ["pull_request_items", ...(hasDetails ? ["pull_request_details"] : [])],
    sql: `select p.*, ${details.join(", ")} from {pull_request_items} p
      ${hasDetails ? "left join {pull_request_details} d on d.id = p.id" : ""}`,
  };
}

const eventUnits: Derived = {
  name: "event_units",
  description: "repositories with pull requests, whose events are read, with the newest change of a pull request",
  inputs: ["repository_units", "pull_request_items"],
  sql: `select r.id, r.owner, r.name, max(p.updated_at) as changed_at
    from {repository_units} r join {pull_request_items} p on p.repository_id = r.id group by all`,
};

/** Streams that nothing else tells the changes of. */
const unsigned = ["deployments", "releases", "workflow_runs"] as const;

const activityUnits: Derived = {
  name: "activity_units",
  description: "repositories with the time of the last push or change of a pull request",
  inputs: ["repository_units", "pull_request_items"],
  sql: `select r.id, r.owner, r.name, greatest(r.pushed_at, max(p.updated_at)) as changed_at
    from {repository_units} r left join {pull_request_items} p on p.repository_id = r.id
    group by r.id, r.owner, r.name, r.pushed_at`,
};

/** After a force push only the commits of the head that is there now count. */
const pullRequestCommits: Derived = {
  name: "pull_request_commits",
  description: "commits of pull requests in the order of their dates",
  inputs: ["pull_request_commit_items", "pull_request_items"],
  sql: `select c.repository_id, c.number, c.sha,
      row_number() over (partition by c.repository_id, c.number order by c.committed_at, c.authored_at, c.sha) - 1 as position,
      c.author, c.authored_at, c.committed_at, c.message
    from {pull_request_commit_items} c
    join {pull_request_items} p
      on p.repository_id = c.repository_id and p.number = c.number and p.head_sha = c.pull_head_sha`,
};

const headMoves: Derived = {
  name: "head_moves",
  description: "pairs of heads of a default branch that followed one another",
  inputs: ["heads", "repository_units"],
  sql: `with ordered as (
      select repository_id, sha as head_sha, pushed_at,
        lag(sha) over (partition by repository_id order by pushed_at) as base_sha
      from {heads}
    )
    select o.repository_id || ':' || base_sha || ':' || head_sha as id, o.repository_id, r.owner, r.name, base_sha,
      head_sha, o.pushed_at
    from ordered o join {repository_units} r on r.id = o.repository_id
    where base_sha is not null and base_sha <> head_sha`,
};

/** Where the commit before is gone, after a force push, all commits of the head are read again. */
const headStarts: Derived = {
  name: "head_starts",
  description: "heads whose commits are read from the beginning",
  inputs: ["heads", "head_moves", "head_comparisons", "repository_units"],
  sql: `with starts as (
      select repository_id, arg_min(sha, pushed_at) as head_sha from {heads} group by repository_id
      union
      select m.repository_id, m.head_sha from {head_moves} m
      anti join {head_comparisons} c
        on c.repository_id = m.repository_id and c.base_sha = m.base_sha and c.head_sha = m.head_sha
    )
    select s.repository_id || ':' || s.head_sha as id, s.repository_id, r.owner, r.name, s.head_sha
    from starts s join {repository_units} r on r.id = s.repository_id where s.head_sha is not null`,
};

const headRetreats: Derived = {
  name: "head_retreats",
  description: "pairs of heads of which the second lacks commits of the first",
  inputs: ["head_moves", "head_comparisons"],
  sql: `select distinct on (m.id) m.* from {head_moves} m
    join {head_comparisons} c
      on c.repository_id = m.repository_id and c.base_sha = m.base_sha and c.head_sha = m.head_sha
    where c.comparison in ('behind', 'diverged') order by m.id, m.pushed_at`,
};

const commits: Derived = {
  name: "commits",
  description: "commits of default branches",
  inputs: ["first_commits", "head_comparisons", "removed_commits", "heads"],
  sql: `with arrived as (
      select repository_id, head_sha, sha, author, authored_at, committer, committed_at, message, parents
      from {first_commits}
      union all
      select repository_id, head_sha, sha, author, authored_at, committer, committed_at, message, parents
      from {head_comparisons} where sha is not null
    ), pushes as (
      select repository_id, sha as head_sha, max(pushed_at) as pushed_at from {heads} group by all
    ), added as (
      select a.*, p.pushed_at from arrived a left join pushes p using (repository_id, head_sha)
      qualify row_number() over (partition by repository_id, sha order by p.pushed_at desc) = 1
    ), removed as (
      select r.repository_id, r.sha, max(p.pushed_at) as pushed_at from {removed_commits} r
      join pushes p using (repository_id, head_sha) where r.sha is not null group by all
    )
    select a.* exclude (head_sha, pushed_at), coalesce(r.pushed_at > a.pushed_at, false) as is_removed
    from added a left join removed r on r.repository_id = a.repository_id and r.sha = a.sha`,
};

const deploymentUnits: Derived = {
  name: "deployment_units",
  description: "deployments whose statuses are read",
  inputs: ["deployments", "repository_units"],
  sql: `select d.id, d.repository_id, r.owner, r.name, d.updated_at
    from {deployments} d join {repository_units} r on r.id = d.repository_id`,
};

/** By the first success: later ones are of runs of the same deployment again. */
function deploymentPairs({ environments }: GithubSettings): Derived {
  return {
    name: "deployment_pairs",
    description: "deployments to production that succeeded, each with the one before it",
    inputs: ["deployments", "deployment_statuses"],
    sql: `with succeeded as (
        select deployment_id, min(created_at) as deployed_at from {deployment_statuses}
        where state = 'success' group by deployment_id
      ), production as (
        select d.id, d.repository_id, d.sha, d.environment, s.deployed_at
        from {deployments} d join succeeded s on s.deployment_id = d.id
        where ${environments === undefined ? "d.is_production" : isProduction(environments)}
      )
      select id as deployment_id, repository_id, environment, deployed_at, sha as head_sha,
        lag(id) over before as base_deployment_id, lag(sha) over before as base_sha
      from production window before as (partition by repository_id, environment order by deployed_at, id)`,
  };
}

const deploymentMoves: Derived = {
  name: "deployment_moves",
  description: "pairs of commits that were deployed one after the other",
  inputs: ["deployment_pairs", "repository_units"],
  sql: `select distinct p.repository_id || ':' || base_sha || ':' || head_sha as id, p.repository_id, r.owner, r.name,
      p.base_sha, p.head_sha
    from {deployment_pairs} p join {repository_units} r on r.id = p.repository_id
    where base_sha is not null and base_sha <> head_sha`,
};

const deploymentCommits: Derived = {
  name: "deployment_commits",
  description: "commits that each deployment to production brought; one row without a commit where there are none",
  inputs: ["deployment_pairs", "deployment_comparisons"],
  sql: `select p.repository_id, p.deployment_id, p.base_deployment_id, p.base_sha, p.head_sha,
      case when p.base_sha is null then 'baseline' when p.base_sha = p.head_sha then 'identical'
        else coalesce(c.comparison, 'unknown') end as comparison,
      c.sha, coalesce(c.position, 0) as position
    from {deployment_pairs} p left join {deployment_comparisons} c
      on c.repository_id = p.repository_id and c.base_sha = p.base_sha and c.head_sha = p.head_sha`,
};

function isProduction(environments: readonly (string | RegExp)[]): string {
  const one = (environment: string | RegExp): string =>
    typeof environment === "string"
      ? `d.environment = ${quote(environment)}`
      : `regexp_matches(d.environment, ${quote(environment.source)}, ${quote(environment.flags.includes("i") ? "i" : "c")})`;
  return environments.length === 0 ? "false" : `(${environments.map(one).join(" or ")})`;
}

/** `*` stands for any text, and upper and lower case are the same. */
function toRegex(pattern: string): string {
  return pattern
    .toLowerCase()
    .split("*")
    .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`))
    .join(".*");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
