// Deployments to production as table expressions: which count, what was before each of them, and what each one brought.
import { type ServiceEnvironment, structsText } from "../sql-values.ts";
import type { SettledRules } from "../rules/rules.ts";

export interface WalkedCommit {
  readonly deployment_id: number;
  readonly repository_id: number;
  readonly comparison: string;
  readonly sha: string | null;
}

export interface DeploymentScope {
  readonly rules: SettledRules;
  /** Which environments of which repositories belong to which service; only those that are computed. */
  readonly environments: readonly ServiceEnvironment[];
  /** What deployments brought whose comparison is not known, found in the history of commits. */
  readonly walked: readonly WalkedCommit[];
}

/**
 * `base`: every deployment of a service that reached `success` in production, at the first time that it did, so that neither a status
 * that was repeated nor one that says `inactive` later moves it. `counted_id` is its own id, or that of the deployment of the same commit in
 * another environment that it belongs to. What was before it is the deployment before in the same repository and environment. Its
 * comparison counts where it was made with the commit of that one.
 *
 * Definition: DORA, deployment frequency and change lead time (https://dora.dev/guides/dora-metrics-four-keys/); the set of changes is that
 * of the commits between two successful deployments of one environment. Needs `deployments`, `deployment_statuses`, `deployment_commits`.
 */
export function baseDeployments({ rules, environments, walked }: DeploymentScope): readonly string[] {
  return [
    serviceTable(environments),
    `succeeded as (
      select d.id, d.repository_id, d.environment, d.sha, d.ref, min(s.created_at) as deployed_at
      from deployments d join deployment_statuses s on s.deployment_id = d.id and s.repository_id = d.repository_id
      where s.state = 'success' group by all)`,
    `in_sessions as (
      select *, sum(case when gap <= ${rules.sameDeploymentSeconds} then 0 else 1 end)
        over (partition by service, repository_id, sha order by deployed_at, id) as session
      from (
        select e.service, s.*, epoch(s.deployed_at - lag(s.deployed_at)
          over (partition by e.service, s.repository_id, s.sha order by s.deployed_at, s.id)) as gap
        from succeeded s join service_environments e using (repository_id, environment)))`,
    `counting as (
      select * exclude (gap, session),
        case when environment = first_value(environment) over session then id else first_value(id) over session end as counted_id,
        lag(id) over chain as previous_id, lag(sha) over chain as previous_sha
      from in_sessions
      window session as (partition by service, repository_id, sha, session order by deployed_at, id),
        chain as (partition by service, repository_id, environment order by deployed_at, id))`,
    `compared as (
      select repository_id, deployment_id, any_value(comparison) as comparison, any_value(base_sha) as base_sha
      from deployment_commits group by all)`,
    `walked as (select unnest(${structsText(walked, {
      deployment_id: "BIGINT",
      repository_id: "BIGINT",
      comparison: "VARCHAR",
      sha: "VARCHAR",
    })}, recursive := true))`,
    `walks as (select deployment_id, any_value(comparison) as comparison from walked group by all)`,
    `base as (
      select c.*, c.previous_id is null as is_baseline, c.counted_id = c.id as is_counted,
        case when c.previous_id is null then 'baseline'
          when p.base_sha = c.previous_sha and p.comparison <> 'unknown' then p.comparison
          else coalesce(w.comparison, 'unknown') end as comparison,
        coalesce(p.base_sha = c.previous_sha and p.comparison <> 'unknown', false) as is_compared
      from counting c
      left join compared p on p.deployment_id = c.id and p.repository_id = c.repository_id
      left join walks w on w.deployment_id = c.id)`,
    `brought as (
      select distinct b.service, b.id as deployment_id, b.repository_id, b.deployed_at, b.counted_id, c.sha
      from base b join deployment_commits c on c.deployment_id = b.id and c.repository_id = b.repository_id
      where b.is_compared and not b.is_baseline and c.sha is not null
      union all
      select b.service, b.id, b.repository_id, b.deployed_at, b.counted_id, w.sha
      from base b join walked w on w.deployment_id = b.id
      where not b.is_compared and not b.is_baseline and w.sha is not null)`,
  ];
}

/** `service_environments`: which environments of which repositories belong to which service. */
export function serviceTable(environments: readonly ServiceEnvironment[]): string {
  const columns = { service: "VARCHAR", repository_id: "BIGINT", environment: "VARCHAR" };
  return `service_environments as (select unnest(${structsText(environments, columns)}, recursive := true))`;
}
