// Incidents: what says that a deployment was wrong, and which deployment that is.
import { listText } from "../sql-values.ts";
import type { SettledRules } from "../rules/rules.ts";

/**
 * One row for each service and thing that says that something was wrong. Which deployment it was is found in this order: the issue names
 * the deployment; it names a commit; the pull request that reverts another one; the deployment that rolls back; else the last one of the
 * service before the incident, when that is no longer ago than `maxGap`. An incident that finds none is kept without one, and counts for no deployment.
 *
 * Definition: DORA, change fail rate: deployments that need immediate intervention, such as a hotfix, a rollback or a patch
 * (https://dora.dev/guides/dora-metrics-four-keys/). A failed pipeline is none. Needs `base`, `brought`, `changes`, `jira_issues`.
 */
export function incidentRows(rules: SettledRules): { readonly tables: readonly string[]; readonly select: string } {
  const { incidents } = rules;
  const kinds = [
    ...jiraLinks(rules),
    ...(incidents.reverts ? ["reverts"] : []),
    ...(incidents.rollbacks ? ["rollbacks"] : []),
    ...(incidents.statuses ? ["failed_statuses"] : []),
  ];
  return {
    tables: [...jiraTables(rules), ...otherTables],
    select: kinds.map((kind) => `select * from ${kind}`).join("\nunion all by name\n"),
  };
}

function jiraLinks({ incidents }: SettledRules): readonly string[] {
  return incidents.types.length + incidents.labels.length === 0 ? ["no_issues"] : ["issue_incidents"];
}

function jiraTables({ incidents }: SettledRules): readonly string[] {
  const projects = Object.entries(incidents.projects).map(([key, service]) => [key, service] as const);
  const byProject = `list_extract(${listText(projects.map(([, service]) => service))},
    list_position(${listText(projects.map(([key]) => key))}, project_key))`;
  return [
    `issues_of_incidents as (
      select id, key, summary, created_at, resolved_at,
        try_cast(nullif(regexp_extract(summary, '(?i)deploy(?:ment)?[ #:]*([0-9]+)', 1), '') as bigint) as named_id,
        nullif(regexp_extract(summary, '\\b([0-9a-f]{7,40})\\b', 1), '') as named_sha,
        coalesce(nullif(list_extract(list_filter(labels, label -> starts_with(label, 'service:')), 1)[9:], ''), ${byProject}) as named_service
      from jira_issues
      where not coalesce(is_deleted, false)
        and (type in (select unnest(${listText(incidents.types)})) or list_has_any(coalesce(labels, []), ${listText(incidents.labels)})))`,
    `by_id as (
      select i.id, b.service, b.counted_id as deployment_id, 'named' as link
      from issues_of_incidents i join base b on b.id = i.named_id)`,
    `by_sha as (
      select i.id, b.service, arg_min(b.counted_id, b.deployed_at) as deployment_id, 'commit' as link
      from (select * from issues_of_incidents where named_sha is not null and id not in (select id from by_id)) i
      join (select service, counted_id, deployed_at, sha from brought
        union select service, counted_id, deployed_at, sha from base) b on starts_with(b.sha, i.named_sha)
      group by all)`,
    `unnamed as (
      select * from issues_of_incidents where id not in (select id from by_id union select id from by_sha))`,
    `by_time as (
      select i.id, i.named_service as service, b.id as deployment_id,
        case when b.id is not null then 'nearest' end as link
      from unnamed i
      asof left join (select service, id, deployed_at from base where is_counted) b
        on b.service = i.named_service and b.deployed_at <= i.created_at
      where i.named_service in (select service from service_environments)
        and (b.id is null or epoch(i.created_at - b.deployed_at) <= ${incidents.maxGapSeconds})
      union all
      select i.id, i.named_service, null, null
      from unnamed i
      asof join (select service, id, deployed_at from base where is_counted) b
        on b.service = i.named_service and b.deployed_at <= i.created_at
      where epoch(i.created_at - b.deployed_at) > ${incidents.maxGapSeconds})`,
    `issue_incidents as (
      select 'issue:' || i.key as incident_id, 'issue' as kind, l.service, l.deployment_id, l.link, i.created_at, i.resolved_at, i.summary as title
      from (from by_id union all from by_sha union all from by_time) l join issues_of_incidents i using (id))`,
    `no_issues as (select * from issue_incidents where false)`,
  ];
}

const otherTables: readonly string[] = [
  `reverts as (
    select 'revert:' || r.repository_id || '#' || r.number as incident_id, 'revert' as kind, p.service, p.deployment_id, 'revert' as link,
      r.ready_at as created_at, r.deployed_at as resolved_at, r.title
    from changes r join changes p
      on p.service = r.service and p.repository_id = r.repository_id and p.number = r.reverts_number
    where r.is_revert and p.deployed_at < r.merged_at)`,
  `rollbacks as (
    select 'rollback:' || d.id as incident_id, 'rollback' as kind, d.service, p.counted_id as deployment_id, 'rollback' as link,
      d.deployed_at as created_at, d.deployed_at as resolved_at, 'rollback to ' || d.sha as title
    from base d join base p on p.service = d.service and p.id = d.previous_id
    where d.is_counted and d.comparison = 'behind')`,
  `failed_statuses as (
    select 'status:' || b.id as incident_id, 'status' as kind, b.service, b.counted_id as deployment_id, 'status' as link,
      min(s.created_at) as created_at, any_value(n.deployed_at) as resolved_at, any_value(s.state) as title
    from base b
    join deployment_statuses s on s.deployment_id = b.id and s.repository_id = b.repository_id
    left join base n on n.service = b.service and n.previous_id = b.id
    where s.state in ('failure', 'error') and s.created_at > b.deployed_at
    group by all)`,
];

/**
 * One row for each deployment of a service to production that counts. It failed when an incident is of it; it is restored when the last of
 * these is resolved, and not yet (NULL) while one is open. It is unplanned when it repairs (a rollback, the first deployment of a hotfix or
 * revert, or one from a branch of hotfixes) and something of the service is broken, or was repaired no longer than `within` ago.
 *
 * Definition: DORA, failed deployment recovery time and deployment rework rate (https://dora.dev/guides/dora-metrics-four-keys/).
 * Needs `base`, `changes`, `incidents`.
 */
export function deploymentRows(
  rules: SettledRules,
  isHotfixRef: string,
): { readonly tables: readonly string[]; readonly select: string } {
  return {
    tables: [
      `failures as (
        select service, deployment_id, string_agg(distinct kind, ', ' order by kind) as failure_reason,
          list_sort(list(incident_id)) as failed_by,
          case when bool_and(resolved_at is not null) then max(resolved_at) end as restored_at
        from incidents where deployment_id is not null group by all)`,
      `repairs as (
        select distinct service, deployment_id from changes
        where deployment_id is not null and (is_hotfix or is_revert))`,
      // until when what was broken before a deployment explains a repair, without looking at each pair of deployments
      `broken as (
        select b.service, b.id, max(case when f.deployment_id is not null then coalesce(f.restored_at, 'infinity'::timestamptz) end)
          over (partition by b.service order by b.deployed_at
            range between unbounded preceding and interval 1 microsecond preceding) as broken_until
        from base b left join failures f on f.service = b.service and f.deployment_id = b.id)`,
    ],
    select: `select b.service, b.repository_id, b.environment, b.id as deployment_id, b.deployed_at, b.sha,
        b.previous_id as previous_deployment_id, b.comparison, b.is_baseline,
        f.deployment_id is not null as is_failed, f.failure_reason, f.failed_by, f.restored_at,
        case when f.restored_at is not null then greatest(epoch(f.restored_at)::bigint - epoch(b.deployed_at)::bigint, 0) end as recovery_seconds,
        (b.comparison = 'behind' or r.deployment_id is not null or ${isHotfixRef}) 
          and coalesce(k.broken_until >= b.deployed_at - interval ${rules.hotfixSeconds} second, false) as is_unplanned
      from base b
      join broken k on k.service = b.service and k.id = b.id
      left join failures f on f.service = b.service and f.deployment_id = b.id
      left join repairs r on r.service = b.service and r.deployment_id = b.id
      where b.is_counted`,
  };
}
