// Pull requests as people work on them: how large they are, how they were reviewed, and what came after the first review.
import { workedBetween, workedTables } from "../calendar/working-calendar.ts";
import { isHuman } from "../rules/conditions-sql.ts";
import type { SettledRules } from "../rules/rules.ts";

/** Whether somebody has collected what some columns need; without it they are NULL. */
export interface PullRequestSources {
  readonly areReviewsKnown: boolean;
  readonly areCommitsKnown: boolean;
}

/**
 * One row for each service and pull request of its repositories, open ones too. Reviews are those that people other than the author have
 * submitted before it was merged or closed. A **round** is a run of reviews with nothing pushed between them; what is pushed is a commit,
 * by when it was authored, so that a rebase moves none, or a force push. A round in which changes were requested and after which something was
 * pushed is a **rework cycle**. The stages are those of `delivery_changes`, and `cycle_seconds` is their sum up to the merge.
 *
 * Definitions: size, time to first review, review depth, merged without review and rework as the PR metrics of Apache DevLake
 * (https://devlake.apache.org/docs/Metrics/PRSize and its neighbours), with reviews of bots and of the author left out. Needs
 * `service_environments`, `changes` (published), `pull_requests`, `pull_request_commits`, `pull_request_events`, `reviews`.
 */
export function pullRequestRows(
  rules: SettledRules,
  sources: PullRequestSources,
): { readonly tables: readonly string[]; readonly select: string } {
  const tables = [...eventTables(rules), ...roundTables, summaryTable];
  const select = rowSelect(rules, sources);
  const { calendar, timezone } = rules;
  if (calendar === null) return { tables, select: withWorking(select, () => "cast(null as bigint)") };
  const moments = `select unnest([ready_at, first_review_at, first_authored_at, merged_at, deployed_at]) as moment from clock_rows`;
  return {
    tables: [...tables, `clock_rows as (${select})`, ...workedTables(calendar, timezone, moments)],
    select: withWorking("select * from clock_rows", workedBetween),
  };
}

/** The second series: working time between the same instants as those of the clock, and of the stages together. */
function withWorking(select: string, between: (from: string, to: string) => string): string {
  return `select x.*, ${between("x.ready_at", "x.first_review_at")} as first_review_working_seconds,
    ${between("x.first_authored_at", "x.merged_at")} as cycle_working_seconds,
    ${between("x.first_authored_at", "x.deployed_at")} as lead_working_seconds
  from (${select}) x`;
}

function eventTables(rules: SettledRules): readonly string[] {
  return [
    `pulls as (select *, coalesce(merged_at, closed_at, timestamptz 'infinity') as ended_at from pull_requests)`,
    `first_readies as (
      select repository_id, number, min(created_at) as ready_event_at
      from pull_request_events where event = 'ready_for_review' group by all)`,
    `people_reviews as (
      select r.repository_id, r.number, r.reviewer, r.state, r.submitted_at
      from reviews r join pulls p using (repository_id, number)
      where r.submitted_at is not null and r.state <> 'PENDING' and r.submitted_at <= p.ended_at
        and r.reviewer is distinct from p.author and ${isHuman("r.reviewer", "r.reviewer_type", rules)})`,
    `pushes as (
      select c.repository_id, c.number, c.authored_at as pushed_at
      from pull_request_commits c join pulls p using (repository_id, number) where c.authored_at <= p.ended_at
      union all
      select e.repository_id, e.number, e.created_at
      from pull_request_events e join pulls p using (repository_id, number)
      where e.event = 'head_ref_force_pushed' and e.created_at <= p.ended_at)`,
  ];
}

/** Of the same second the push is before the review: people review what is there. */
const roundTables: readonly string[] = [
  `steps as (
    select *, is_review and not coalesce(lag(is_review) over moments, false) as is_begin
    from (
      select repository_id, number, submitted_at as happened_at, true as is_review, state from people_reviews
      union all select repository_id, number, pushed_at, false, null from pushes)
    window moments as (partition by repository_id, number order by happened_at, is_review))`,
  `in_rounds as (
    select *, count(*) filter (where is_begin) over (partition by repository_id, number order by happened_at, is_review rows unbounded preceding) as round
    from steps)`,
  `rounds as (
    select repository_id, number, round,
      coalesce(bool_or(state = 'CHANGES_REQUESTED'), false) and bool_or(not is_review) as is_rework
    from in_rounds where round > 0 group by all)`,
  `round_counts as (
    select repository_id, number, count(*) as review_rounds, count(*) filter (where is_rework) as rework_cycles
    from rounds group by all)`,
];

const summaryTable = `review_summaries as (
  select repository_id, number, count(*) as reviews, count(distinct reviewer) as reviewers, min(submitted_at) as first_review_at,
    min(submitted_at) filter (where state = 'APPROVED') as approved_at, count(*) filter (where state = 'APPROVED') as approvals,
    count(*) filter (where state = 'CHANGES_REQUESTED') as changes_requested
  from people_reviews group by all),
commit_counts as (
  select c.repository_id, c.number, count(distinct c.sha) as commits,
    count(distinct c.sha) filter (where c.authored_at > s.first_review_at and c.authored_at <= p.ended_at) as commits_after_review
  from pull_request_commits c join pulls p using (repository_id, number)
  left join review_summaries s using (repository_id, number) group by all)`;

function rowSelect(rules: SettledRules, { areReviewsKnown, areCommitsKnown }: PullRequestSources): string {
  const counted = (column: string): string => `${areReviewsKnown ? `coalesce(${column}, 0)` : "cast(null as bigint)"}`;
  const ready = `case when not (coalesce(p.is_draft, false) and p.state = 'open') then coalesce(r.ready_event_at, p.created_at) end`;
  return `select s.service, p.repository_id, p.number, p.title, p.author, not ${isHuman("p.author", "p.author_type", rules)} as is_bot,
    p.state, coalesce(p.is_draft, false) as is_draft, p.created_at, ${ready} as ready_at, p.closed_at, p.merged_at,
    p.updated_at as last_active_at,
    case when p.state = 'open' and ${ready} is not null then p.updated_at + interval ${rules.staleSeconds} second end as stale_at,
    p.additions, p.deletions, p.additions + p.deletions as changed_lines, p.changed_files,
    case when p.additions + p.deletions <= 10 then 'xs' when p.additions + p.deletions <= 100 then 's'
      when p.additions + p.deletions <= 500 then 'm' when p.additions + p.deletions <= 1000 then 'l'
      when p.additions + p.deletions > 1000 then 'xl' end as size,
    ${areCommitsKnown ? "coalesce(k.commits, p.commit_count)" : "p.commit_count"} as commits,
    v.first_review_at, greatest(epoch(v.first_review_at)::bigint - epoch(${ready})::bigint, 0)
      * case when v.first_review_at is not null and ${ready} is not null then 1 end as first_review_seconds,
    v.approved_at, ${counted("v.reviews")} as reviews, ${counted("v.reviewers")} as reviewers, ${counted("v.approvals")} as approvals,
    ${counted("v.changes_requested")} as changes_requested, ${counted("n.review_rounds")} as review_rounds,
    ${areCommitsKnown ? counted("n.rework_cycles") : "cast(null as bigint)"} as rework_cycles,
    case when v.first_review_at is not null then k.commits_after_review end as commits_after_review,
    ${areReviewsKnown ? "case when p.merged_at is not null then v.first_review_at is null end" : "cast(null as boolean)"} as is_unreviewed,
    case when p.merged_at is not null and p.merged_by is not null then p.merged_by = p.author end as is_self_merged,
    c.coding_seconds, c.pickup_seconds, c.review_seconds, c.merge_wait_seconds, c.deploy_seconds, c.lead_seconds,
    c.coding_seconds + coalesce(c.pickup_seconds, 0) + c.review_seconds + coalesce(c.merge_wait_seconds, 0) as cycle_seconds,
    c.first_authored_at, c.deployment_id, c.deployed_at
  from pulls p
  join (select distinct service, repository_id from service_environments) s using (repository_id)
  left join first_readies r on r.repository_id = p.repository_id and r.number = p.number
  left join review_summaries v on v.repository_id = p.repository_id and v.number = p.number
  left join round_counts n on n.repository_id = p.repository_id and n.number = p.number
  left join commit_counts k on k.repository_id = p.repository_id and k.number = p.number
  left join changes c on c.service = s.service and c.repository_id = p.repository_id and c.number = p.number`;
}
