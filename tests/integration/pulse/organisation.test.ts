// The organisation that tests of GitHub, Jira and delivery use: the same for the same seed, and true to itself.
import { expect, test } from "vitest";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";

const small = { repositories: 8, pullRequests: 320, deployments: 120, issues: 400, sprints: 9 };

test("an organisation is the same for the same seed, and another one for another", () => {
  const first = createOrganisation({ ...small, seed: 7 });
  expect(createOrganisation({ ...small, seed: 7 })).toEqual(first);
  expect(createOrganisation({ ...small, seed: 8 }).github.pull_requests).not.toEqual(first.github.pull_requests);
});

test("an organisation has as many entities as were asked for, and the odd ones among them", () => {
  const { github, jira, truth, untilAt } = createOrganisation();
  expect(github.repositories).toHaveLength(40);
  expect(github.pull_requests).toHaveLength(3000);
  expect(github.deployments).toHaveLength(600);
  expect(jira.issues).toHaveLength(5000);
  expect(jira.sprints).toHaveLength(30);
  expect(new Set(github.deployment_commits.map(({ comparison }) => comparison))).toEqual(
    new Set(["ahead", "behind", "diverged", "identical", "baseline"]),
  );
  expect(new Set(github.reviews.map(({ state }) => state))).toEqual(
    new Set(["APPROVED", "CHANGES_REQUESTED", "COMMENTED", "DISMISSED", "PENDING"]),
  );
  const pulls = github.pull_requests;
  expect(pulls.some(({ author }) => author === null)).toBe(true);
  expect(pulls.some(({ title }) => title.startsWith('Revert "'))).toBe(true);
  expect(pulls.every(({ created_at }) => created_at <= untilAt)).toBe(true);
  expect(truth.deployments.filter(({ isFailed }) => isFailed).length).toBeGreaterThan(10);
  expect(truth.deployments.filter(({ isUnplanned }) => isUnplanned).length).toBeGreaterThan(10);
  expect(truth.changes.filter(({ leadSeconds }) => leadSeconds !== null).length).toBeGreaterThan(1000);
  expect(truth.sprints).toHaveLength(27);
});

test("the stages of each change that is deployed add up to its lead time", () => {
  for (const change of createOrganisation().truth.changes) {
    if (change.leadSeconds === null) continue;
    const { codingSeconds, pickupSeconds, reviewSeconds, mergeWaitSeconds, deploySeconds } = change;
    const stages = [codingSeconds, pickupSeconds, reviewSeconds, mergeWaitSeconds, deploySeconds];
    expect(stages.reduce<number>((sum, stage) => sum + (stage ?? 0), 0)).toBe(change.leadSeconds);
  }
});

test("what a deployment brought is what the history of commits has between its base and its head", () => {
  const { github } = createOrganisation({ ...small, seed: 3 });
  const parents = new Map(github.commits.map(({ sha, parents: all }) => [sha, all]));
  const reach = (head: string): Set<string> => {
    const seen = new Set<string>();
    const open = [head];
    for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
      if (seen.has(sha)) continue;
      seen.add(sha);
      open.push(...(parents.get(sha) ?? []));
    }
    return seen;
  };
  const byDeployment = Map.groupBy(github.deployment_commits, ({ deployment_id }) => deployment_id);
  let compared = 0;
  for (const rows of byDeployment.values()) {
    const { base_sha, head_sha, comparison } = rows[0]!;
    if (base_sha === null || !parents.has(base_sha) || !parents.has(head_sha)) continue;
    const before = reach(base_sha);
    const brought = [...reach(head_sha)].filter((sha) => !before.has(sha));
    expect(new Set(rows.flatMap(({ sha }) => sha ?? []))).toEqual(new Set(brought));
    expect(comparison === "behind" || comparison === "identical").toBe(brought.length === 0);
    compared += 1;
  }
  expect(compared).toBeGreaterThan(30);
});

test("each row of an entity has a key of its own, and refers to what is there", () => {
  const { github, jira } = createOrganisation({ ...small, seed: 5 });
  const ids = [github.pull_requests, github.reviews, github.deployments, github.deployment_statuses].flat();
  expect(new Set(ids.map(({ id }) => id)).size).toBe(ids.length);
  const numbers = new Set(github.pull_requests.map(({ repository_id, number }) => `${repository_id}/${number}`));
  expect(github.reviews.every(({ repository_id, number }) => numbers.has(`${repository_id}/${number}`))).toBe(true);
  expect(new Set(jira.issues.map(({ key }) => key)).size).toBe(jira.issues.length);
  const issues = new Set(jira.issues.map(({ id }) => id));
  expect(jira.changes.every(({ issue_id }) => issues.has(issue_id))).toBe(true);
  expect(new Set(jira.changes.map(({ id }) => id)).size).toBe(jira.changes.length);
});
