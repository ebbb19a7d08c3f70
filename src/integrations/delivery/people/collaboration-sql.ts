// How teams work together: who reviews whom and how soon, when they commit, and on how many people a service rests. Never of one person:
// what fewer than `leastPeople` are behind is suppressed.
import { isHuman } from "../rules/conditions-sql.ts";
import { allTeams, noTeam, type SettledRules } from "../rules/rules.ts";
import { quote, type ServiceEnvironment, structsText } from "../sql-values.ts";

/**
 * `people_reviews`, each with the team of the reviewer and of the author, and how long the pull request had waited for that team. Needs
 * `pull_requests`, `pull_request_events`, `reviews`.
 */
function reviewTables(rules: SettledRules): readonly string[] {
  const member = (login: string): string =>
    `coalesce((select t.team from members t where t.login = lower(${login})), '${noTeam}')`;
  const columns = { login: "VARCHAR", team: "VARCHAR", timezone: "VARCHAR" };
  return [
    `members as (select unnest(${structsText(toMembers(rules), columns)}, recursive := true))`,
    `first_readies as (
      select repository_id, number, min(created_at) as ready_event_at
      from pull_request_events where event = 'ready_for_review' group by all)`,
    `people_reviews as (
      select r.repository_id, r.number, r.submitted_at, lower(r.reviewer) as reviewer, lower(p.author) as author,
        ${member("r.reviewer")} as team, ${member("p.author")} as other_team,
        epoch(coalesce(d.ready_event_at, p.created_at))::bigint as ready_epoch
      from reviews r join pull_requests p using (repository_id, number)
      left join first_readies d using (repository_id, number)
      where r.submitted_at is not null and r.state <> 'PENDING' and r.submitted_at <= coalesce(p.merged_at, p.closed_at, timestamptz 'infinity')
        and r.reviewer is not null and p.author is not null and r.reviewer <> p.author
        and ${isHuman("r.reviewer", "r.reviewer_type", rules)} and ${isHuman("p.author", "p.author_type", rules)})`,
  ];
}

interface Member {
  readonly login: string;
  readonly team: string;
  readonly timezone: string;
}

function toMembers({ teams, timezone }: SettledRules): readonly Member[] {
  return Object.entries(teams).flatMap(([team, { members, timezone: own = timezone }]) =>
    members.map((login) => ({ login: login.toLowerCase(), team, timezone: own })),
  );
}

/**
 * One row for each team, other team, period (`month`, `all`) and metric; `other_team` is `all` for what a team does over all teams. `reviews` are
 * those that people of `team` gave to people of `other_team`; `review_response_time` is from ready to the first review by that team, once for
 * each pull request; `outside_review_share` is the part of its reviews that a team gives to others. `people` are the authors and reviewers behind
 * a row; of fewer than `leastPeople` all that the row says is NULL, and `is_suppressed` is true.
 *
 * Definition: suppression of small groups as a least group size (k-anonymity, https://dataprivacylab.org/dataprivacy/projects/kanonymity/).
 */
export function collaborationSelect(rules: SettledRules): {
  readonly tables: readonly string[];
  readonly select: string;
} {
  const zone = quote(rules.timezone);
  const sides = `select * from people_reviews union all by name select * replace ('${allTeams}' as other_team), other_team as own_team from people_reviews`;
  return {
    tables: [
      ...reviewTables(rules),
      `pairs as (${sides})`,
      `placed as (
        select *, 'month' as period, date_trunc('month', submitted_at at time zone ${zone}) at time zone ${zone} as start_at from pairs
        union all select *, 'all', null from pairs)`,
      `answers as (
        select team, other_team, period, start_at, repository_id, number, any_value(author) as author, arg_min(reviewer, submitted_at) as reviewer,
          greatest(epoch(min(submitted_at))::bigint - any_value(ready_epoch), 0) as seconds
        from placed group by all)`,
      `figures as (
        select team, other_team, period, start_at, 'reviews' as metric, 'reviews' as unit, count(*)::double as value, count(*) as n,
          null::double as p75, null::double as p90, ${people} as people
        from placed group by all
        union all by name
        select team, other_team, period, start_at, 'review_response_time' as metric, 'seconds' as unit, median(seconds)::double as value, count(*) as n,
          quantile_cont(seconds::double, 0.75) as p75, quantile_cont(seconds::double, 0.9) as p90, ${people} as people
        from answers group by all
        union all by name
        select team, other_team, period, start_at, 'outside_review_share' as metric, 'share' as unit,
          count(*) filter (where own_team <> team) / count(*) as value, count(*) as n, null::double as p75, null::double as p90, ${people} as people
        from placed where other_team = '${allTeams}' group by all)`,
    ],
    select: `select team, other_team, period, start_at, metric, unit, ${["value", "n", "p75", "p90", "people"]
      .map((column) => `case when people >= ${rules.leastPeople} then ${column} end as ${column}`)
      .join(", ")}, people < ${rules.leastPeople} as is_suppressed from figures`,
  };
}

const people = `len(list_distinct(list_concat(list(reviewer), list(author))))`;

/** Commits of people within the window before the last one that is known; merges are no work of their own, and removed ones are gone. */
function commitTables(rules: SettledRules): readonly string[] {
  const columns = { login: "VARCHAR", team: "VARCHAR", timezone: "VARCHAR" };
  return [
    `members as (select unnest(${structsText(toMembers(rules), columns)}, recursive := true))`,
    `written as (
      select repository_id, sha, lower(any_value(author)) as author, any_value(authored_at) as authored_at, any_value(committed_at) as committed_at
      from commits where not coalesce(is_removed, false) and author is not null and coalesce(len(parents), 0) < 2
        and ${isHuman("author", "cast(null as varchar)", rules)} group by all)`,
    `recent as (
      select * from written where committed_at > (select max(committed_at) from written) - interval ${rules.peopleWindowSeconds} second)`,
  ];
}

/**
 * One row for each team, weekday (1 is Monday) and hour in the zone of the team: the commits that were authored then, of the last
 * `people.within`, and their share of those of the team. Suppressed for teams of whom fewer than `leastPeople` wrote any. Needs `commits`.
 */
export function commitPatternSelect(rules: SettledRules): {
  readonly tables: readonly string[];
  readonly select: string;
} {
  return {
    tables: [
      ...commitTables(rules),
      `local_commits as (
        select coalesce(m.team, '${noTeam}') as team, r.author, r.authored_at at time zone coalesce(m.timezone, ${quote(rules.timezone)}) as local_at
        from recent r left join members m on m.login = r.author where r.authored_at is not null)`,
      `team_sizes as (select team, count(distinct author) as people, count(*) as all_commits from local_commits group by all)`,
      `slots as (
        select team, isodow(local_at) as weekday, hour(local_at) as hour, count(*) as commits from local_commits group by all)`,
    ],
    select: `select team, weekday, hour, commits, commits / all_commits as share, people, false as is_suppressed
      from slots join team_sizes using (team) where people >= ${rules.leastPeople}
      union all by name
      select team, null as weekday, null as hour, null as commits, null as share, null as people, true as is_suppressed
      from team_sizes where people < ${rules.leastPeople}`,
  };
}

/**
 * One row for each service: the smallest number of people who together wrote at least half of its commits of the last `people.within`. It says
 * how few would have to leave, and not who they are. NULL where the authors of fewer than half of the commits are known.
 *
 * Definition: truck factor by commits, simpler than that by files of Avelino and others (https://doi.org/10.1109/ICPC.2016.7503718), as
 * files are not collected. Needs `commits`, `service_environments`.
 */
export function busFactorSelect(
  rules: SettledRules,
  environments: readonly ServiceEnvironment[],
): { readonly tables: readonly string[]; readonly select: string } {
  const columns = { service: "VARCHAR", repository_id: "BIGINT", environment: "VARCHAR" };
  return {
    tables: [
      ...commitTables(rules),
      `service_repositories as (select distinct service, repository_id from (select unnest(${structsText(environments, columns)}, recursive := true)))`,
      `known_shares as (
        select s.service, count(*) filter (where c.author is not null) / count(*) as coverage
        from service_repositories s join commits c using (repository_id)
        where not coalesce(c.is_removed, false) and coalesce(len(c.parents), 0) < 2
          and c.committed_at > (select max(committed_at) from written) - interval ${rules.peopleWindowSeconds} second group by all)`,
      `by_author as (
        select s.service, r.author, count(distinct r.sha) as commits
        from service_repositories s join recent r using (repository_id) group by all)`,
      `running as (
        select service, commits, sum(commits) over (partition by service) as all_commits,
          sum(commits) over (partition by service order by commits desc, author rows unbounded preceding) as running
        from by_author)`,
    ],
    select: `select r.service, case when any_value(k.coverage) >= 0.5
        then count(*) filter (where r.running - r.commits < r.all_commits / 2) end as bus_factor,
      count(*) as people, any_value(r.all_commits)::bigint as commits, any_value(k.coverage) as coverage
    from running r join known_shares k using (service) group by all`,
  };
}
