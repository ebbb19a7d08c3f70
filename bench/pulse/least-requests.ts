// How many requests a first sync needs at least: one for each page of each list that has to be read, as many rows in a page as the
// service gives. What only finds out what to ask for next, such as the head of a branch, does not count.
import type { GithubEntities, JiraEntities } from "../../examples/pulse/organisation/entities.ts";
import { CommitGraph } from "../../examples/pulse/servers/github/commit-graph.ts";

/** A list is read to its end, also one without a row. */
const pagesOf = (rows: number, size = 100): number => Math.max(1, Math.ceil(rows / size));
const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, number) => total + number, 0);

/** Of repositories that are not archived, with the deployments that GitHub calls production. */
export function leastOfGithub(rows: GithubEntities): number {
  const collected = rows.repositories.filter((one) => !one.is_archived && !one.is_disabled);
  return pagesOf(rows.repositories.length) + sum(collected.map(({ id }) => leastOfRepository(rows, id)));
}

function leastOfRepository(rows: GithubEntities, id: number): number {
  const own = <Row extends { readonly repository_id: number }>(all: readonly Row[]): readonly Row[] =>
    all.filter((row) => row.repository_id === id);
  const pulls = own(rows.pull_requests);
  const deployments = own(rows.deployments);
  const [commits, reviews, statuses] = [
    own(rows.pull_request_commits),
    own(rows.reviews),
    own(rows.deployment_statuses),
  ];
  const ofPull = (all: readonly { readonly number: number }[], number: number): number =>
    all.filter((row) => row.number === number).length;
  const wanted = pulls.filter(({ state }) => state !== "closed");
  return sum([
    pagesOf(pulls.length),
    wanted.length,
    ...wanted.map(({ number }) => pagesOf(Math.min(250, ofPull(commits, number)))),
    ...pulls.map(({ number }) => pagesOf(ofPull(reviews, number))),
    pulls.length === 0 ? 0 : pagesOf(own(rows.pull_request_events).length),
    pagesOf(own(rows.commits).filter((commit) => !commit.is_removed).length),
    pagesOf(deployments.length),
    ...deployments.map((one) => pagesOf(statuses.filter((status) => status.deployment_id === one.id).length)),
    ...comparisons(rows, id),
    pagesOf(own(rows.releases).length),
    pagesOf(own(rows.workflow_runs).length),
  ]);
}

/** Pages of each pair of commits that were deployed one after the other. */
function comparisons(rows: GithubEntities, id: number): readonly number[] {
  const known = new CommitGraph(rows.commits.filter((commit) => commit.repository_id === id));
  const moves = new Map(
    rows.deployment_commits
      .filter((row) => row.repository_id === id && row.base_sha !== null && row.base_sha !== row.head_sha)
      .map((row) => [`${row.base_sha}...${row.head_sha}`, row]),
  );
  return [...moves.values()].map(({ base_sha: base, head_sha: head }) =>
    pagesOf(known.compare(base ?? "", head)?.ahead.length ?? 0),
  );
}

/** Of Cloud, by an account that administers it. */
export function leastOfJira(data: JiraEntities): number {
  const ofProjects = data.projects.map(({ key }) => {
    const issues = data.issues.filter((issue) => issue.project_key === key && !issue.is_deleted).length;
    // ids, issues, histories, statuses of types
    return pagesOf(issues, 5_000) + Math.ceil(issues / 100) + Math.ceil(issues / 1_000) + 1;
  });
  const ofBoards = data.boards.map(({ id, type }) => {
    const sprints = data.sprints.filter((sprint) => sprint.board_id === id).length;
    return 1 + (type === "kanban" ? 0 : pagesOf(sprints, 50));
  });
  const lists = pagesOf(data.projects.length, 50) + pagesOf(data.boards.length, 50) + pagesOf(data.users.length, 1_000);
  // and the server, its fields, statuses and workflows
  return sum([lists, 4, ...ofProjects, ...ofBoards]);
}
