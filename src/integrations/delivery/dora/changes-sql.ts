// Changes: each pull request that was merged, the deployment that brought it to production, and its stages.
import { isHuman, matchesName } from "../rules/conditions-sql.ts";
import { listText } from "../sql-values.ts";
import type { SettledRules } from "../rules/rules.ts";

/**
 * One row for each service and merged pull request of its repositories. It is deployed by the earliest deployment whose commits have its merge commit; what
 * the first deployment brought is not known, and has no lead time. Undeployed is NULL and never 0.
 *
 * The stages are the spans between instants that never go back, so that they add up to `lead_seconds` exactly: first commit authored →
 * ready (first `ready_for_review`, else created) → first review by another person → first approval by one, else merge → merged → deployed. A
 * stage whose event is missing is NULL, and its span is in the next one. Clocks that are ahead are clamped, and `is_clock_skewed` says so.
 *
 * Definition: DORA, change lead time (https://dora.dev/guides/dora-metrics-four-keys/), from the first commit as Apache DevLake does
 * (https://devlake.apache.org/docs/Metrics/LeadTimeForChanges); the strict one, by commit, is in `delivery_commit_leads`. Needs `base`,
 * `brought`, `pull_requests`, `pull_request_commits`, `pull_request_events`, `reviews`.
 */
export function changeRows(
  rules: SettledRules,
  sources: { readonly areReviewsKnown: boolean },
): { readonly tables: readonly string[]; readonly select: string } {
  return {
    tables: [...eventTables(rules), deployedTable, boundaryTable, clampedTable],
    select: changeSelect(rules, sources),
  };
}

function eventTables(rules: SettledRules): readonly string[] {
  return [
    `merged as (select * from pull_requests where merged_at is not null)`,
    `first_commits as (
      select repository_id, number, min(authored_at) as first_authored_at
      from pull_request_commits group by all)`,
    `readies as (
      select repository_id, number, min(created_at) as ready_event_at
      from pull_request_events where event = 'ready_for_review' group by all)`,
    `reviewed as (
      select r.repository_id, r.number, min(r.submitted_at) as first_review_at,
        min(r.submitted_at) filter (where r.state = 'APPROVED') as approved_at
      from reviews r join merged p using (repository_id, number)
      where r.submitted_at is not null and r.state <> 'PENDING' and r.submitted_at <= p.merged_at
        and r.reviewer is distinct from p.author and ${isHuman("r.reviewer", "r.reviewer_type", rules)}
      group by all)`,
  ];
}

const deployedTable = `deployed as (
  select b.service, p.repository_id, p.number,
    arg_min(b.counted_id, (b.deployed_at, b.deployment_id)) as deployment_id, min(b.deployed_at) as deployed_at
  from merged p join brought b on b.repository_id = p.repository_id and b.sha = p.merge_commit_sha
  group by all)`;

const boundaryTable = `bounds as (
  select s.service, p.*, d.deployment_id, d.deployed_at, f.first_authored_at,
    coalesce(r.ready_event_at, p.created_at) as ready_at, r.ready_event_at is not null as was_draft,
    v.first_review_at, v.approved_at, s.first_deployed_at,
    epoch(f.first_authored_at)::bigint as t0, epoch(coalesce(d.deployed_at, p.merged_at))::bigint as t_end
  from merged p
  join (
    select e.service, e.repository_id, min(b.deployed_at) as first_deployed_at
    from (select distinct service, repository_id from service_environments) e
    left join base b on b.service = e.service and b.repository_id = e.repository_id group by all) s using (repository_id)
  left join deployed d on d.service = s.service and d.repository_id = p.repository_id and d.number = p.number
  left join first_commits f on f.repository_id = p.repository_id and f.number = p.number
  left join readies r on r.repository_id = p.repository_id and r.number = p.number
  left join reviewed v on v.repository_id = p.repository_id and v.number = p.number)`;

/** Instants as seconds, none before the one before it, and none after the end; `greatest` and `least` leave NULL out. */
const clampedTable = `clamped as (
  select *,
    case when approved_at is not null then least(greatest(epoch(approved_at)::bigint, coalesce(t2, t1)), t_last) end as t3,
    least(greatest(epoch(merged_at)::bigint, epoch(approved_at)::bigint, coalesce(t2, t1)), t_last) as t4
  from (
    select *, case when first_review_at is not null then least(greatest(epoch(first_review_at)::bigint, t1), t_last) end as t2
    from (
      select *, greatest(t_end, t0) as t_last, least(greatest(epoch(ready_at)::bigint, t0), greatest(t_end, t0)) as t1
      from bounds)))`;

function changeSelect(rules: SettledRules, { areReviewsKnown }: { readonly areReviewsKnown: boolean }): string {
  return `select service, repository_id, number, title, author,
    not ${isHuman("author", "author_type", rules)} as is_bot, was_draft,
    first_authored_at, ready_at, first_review_at, approved_at, merged_at, merge_commit_sha,
    case when deployment_id is not null then 'deployed'
      when merged_at <= first_deployed_at then 'before_first_deployment' else 'not_deployed' end as status,
    deployment_id, deployed_at,
    t1 - t0 as coding_seconds,
    t2 - t1 as pickup_seconds,
    coalesce(t3, t4) - coalesce(t2, t1) as review_seconds,
    t4 - t3 as merge_wait_seconds,
    case when deployment_id is not null then t_last - t4 end as deploy_seconds,
    case when deployment_id is not null then t_last - t0 end as lead_seconds,
    t0 is not null and (first_authored_at > ready_at or first_authored_at > coalesce(deployed_at, merged_at)) as is_clock_skewed,
    ${areReviewsKnown ? "first_review_at is null" : "cast(null as boolean)"} as is_unreviewed,
    coalesce(list_has_any(labels, ${listText(rules.hotfixLabels)}), false) or ${matchesName("head_ref", rules.hotfixBranches)} as is_hotfix,
    ${revertedNumber} is not null as is_revert,
    ${revertedNumber} as reverts_number
  from clamped`;
}

/** The number of the pull request that this one takes back; a revert of a revert brings a change again and is none. */
const revertedNumber = `case when not (starts_with(title, 'Revert "Revert "') or regexp_matches(head_ref, '^revert-[0-9]+-revert-[0-9]+-'))
  then try_cast(nullif(regexp_extract(head_ref, '^revert-([0-9]+)-', 1), '') as bigint) end`;

/**
 * One row for each service and commit that a deployment brought first: `lead_seconds` from the commit to production, pull request or not.
 * Definition: DORA's own words, from committed to deployed (https://dora.dev/guides/dora-metrics-four-keys/). Needs `brought`, `commits`.
 */
export const commitLeadSelect = `select service, repository_id, sha, deployment_id, deployed_at, committed_at,
    greatest(epoch(deployed_at)::bigint - epoch(committed_at)::bigint, 0) as lead_seconds,
    coalesce(committed_at > deployed_at, false) as is_clock_skewed
  from (
    select b.service, b.repository_id, b.sha, arg_min(b.counted_id, (b.deployed_at, b.deployment_id)) as deployment_id,
      min(b.deployed_at) as deployed_at
    from brought b group by all)
  left join (select repository_id, sha, any_value(committed_at) as committed_at from commits group by all)
    using (repository_id, sha)`;
