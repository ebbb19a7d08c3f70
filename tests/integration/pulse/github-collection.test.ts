// An organisation of a local GitHub, collected: the datasets are its rows, and a run that finds nothing new asks for nothing that counts.
import { afterEach, expect, test } from "vitest";
import type { GithubEntities } from "../../../examples/pulse/organisation/entities.ts";
import { GithubProject, smallOrganisation } from "../../support/pulse/github-project.ts";

let github: GithubProject;
afterEach(async () => {
  await github[Symbol.asyncDispose]();
});

const options = { production: { environments: [/^prod/i] } } as const;

test("all streams of an organisation become its datasets", async () => {
  const rows = smallOrganisation();
  github = await GithubProject.start({ rows });
  const run = await github.sync({ ...options, repositories: { archived: true } });
  expect(run.error).toBeUndefined();
  const paths = github.server.exchanges.map(({ path }) => path);
  expect(paths.length).toBe(new Set(paths).size);
  for (const [name, key] of Object.entries(keys)) {
    const dataset = name as keyof GithubEntities;
    expect([name, await foundIn(name, key)]).toEqual([name, expectedOf(rows[dataset], key)]);
  }
  // sizes and commits are not asked of those that were closed without a merge
  const wanted = rows.pull_requests.filter(({ state }) => state !== "closed");
  const sizes = ["id", "additions", "deletions", "changed_files", "commit_count", "merged_by"];
  expect(await foundIn("pull_request_details", sizes)).toEqual(expectedOf(wanted, sizes));
  const numbers = new Set(wanted.map(({ repository_id: id, number }) => `${id}#${number}`));
  const commits = rows.pull_request_commits.filter(({ repository_id: id, number }) => numbers.has(`${id}#${number}`));
  expect(commits.length).toBeGreaterThan(50);
  expect(await foundIn("pull_request_commits", pullCommit)).toEqual(expectedOf(commits, pullCommit));
  const kept = rows.commits.filter((commit) => !commit.is_removed);
  expect(await foundIn("commits", commit)).toEqual(expectedOf(kept, commit));
});

test("a run that finds nothing new is answered by 304 alone, and changes nothing", async () => {
  github = await GithubProject.start({ connection: { limits: {} } });
  // the second run asks newest first for the first time
  await github.sync(options);
  await github.sync(options);
  const before = await foundIn("pull_requests", ["id", "updated_at"]);
  const run = await github.sync(options);
  expect(run.error).toBeUndefined();
  const { exchanges } = github.server;
  expect(exchanges.filter(({ status }) => status !== 304)).toEqual([]);
  // the list of repositories, and for each that is not archived whether a pull request has changed
  const repositories = await github.rows("repository_units", "full_name");
  const pulls = repositories.map(({ full_name: name }) => `GET /repos/${String(name)}/pulls 304`);
  expect(github.asked.toSorted()).toEqual(["GET /orgs/acme/repos 304", ...pulls].toSorted());
  expect(await foundIn("pull_requests", ["id", "updated_at"])).toEqual(before);
});

test("a pull request that was closed, reopened and merged is read again, and nothing else", async () => {
  github = await GithubProject.start();
  await github.sync(options);
  await github.sync(options);
  const { state } = github.server;
  const [open] = [...state.pullRequests.values()].filter(
    (pull) => pull.state === "closed" && !isArchived(pull.repository_id),
  );
  if (open === undefined) throw new Error("expected a pull request that was closed");
  const at = "2026-06-01T00:00:00Z";
  const sha = "f".repeat(40);
  state.putPull({ ...open, state: "merged", merged_at: at, closed_at: at, updated_at: at, merge_commit_sha: sha });
  const base = state.heads.get(open.repository_id) ?? "";
  const [like] = state.graph(open.repository_id).list(base);
  if (like === undefined) throw new Error("expected a commit");
  state.push(open.repository_id, sha, at, [{ ...like, sha, parents: [base], committed_at: at }]);
  const run = await github.sync(options);
  expect(run.error).toBeUndefined();
  expect(await github.rows("pull_requests", "state, merge_commit_sha")).toContainEqual({
    state: "merged",
    merge_commit_sha: sha,
  });
  expect(await github.rows("commits", "sha")).toContainEqual({ sha });
  const answered = github.server.exchanges
    .filter(({ status }) => status !== 304)
    .map(({ path }) => path.replace(/\?.*/, ""));
  const name = `/repos/${state.repositories.get(open.repository_id)?.full_name}`;
  expect(answered.toSorted()).toEqual(
    [
      "/orgs/acme/repos",
      `${name}/compare/${base}...${sha}`,
      `${name}/git/ref/heads/main`,
      `${name}/pulls`,
      `${name}/pulls/${open.number}`,
      `${name}/pulls/${open.number}/commits`,
    ].toSorted(),
  );
});

function isArchived(id: number): boolean {
  return github.server.state.repositories.get(id)?.is_archived === true;
}

test("while GitHub is away its last answers stand in, and the run says how old they are", async () => {
  github = await GithubProject.start({ connection: { staleIfError: "1d" } });
  const few = { streams: [] } as const;
  for (let runs = 0; runs < 2; runs += 1) await github.sync(few);
  github.server.trouble = () => ({ status: 503 });
  const run = await github.sync(few);
  expect(run.error).toBeUndefined();
  expect(run.warnings.join("\n")).toMatch(/the service failed, and \d+ kept answers? stood in for it, up to .* old/);
});

const pullCommit = ["repository_id", "number", "sha", "author", "authored_at", "committed_at", "message"];
const commit = ["repository_id", "sha", "authored_at", "committed_at", "message", "parents", "is_removed"];

function expectedOf(rows: readonly object[], columns: readonly string[]): readonly string[] {
  return rows.map((row) => JSON.stringify(pick(row, columns))).toSorted();
}

async function foundIn(dataset: string, columns: readonly string[]): Promise<readonly string[]> {
  return expectedOf(await github.rows(dataset, columns.map(asText).join(", ")), columns);
}

const instants = /_at$/;
const asText = (column: string): string =>
  instants.test(column) ? `strftime(${column}, '%Y-%m-%dT%H:%M:%SZ') as ${column}` : column;
const pick = (row: object, columns: readonly string[]): readonly unknown[] =>
  columns.map((column) => {
    const value: unknown = new Map(Object.entries(row)).get(column);
    return typeof value === "bigint" ? Number(value) : value;
  });

const keys: Partial<Record<keyof GithubEntities, readonly string[]>> = {
  repositories: [
    "id",
    "full_name",
    "owner",
    "name",
    "default_branch",
    "is_archived",
    "is_disabled",
    "is_private",
    "created_at",
    "pushed_at",
    "updated_at",
  ],
  pull_requests: [
    "id",
    "repository_id",
    "number",
    "title",
    "state",
    "is_draft",
    "author",
    "author_type",
    "base_ref",
    "head_ref",
    "head_sha",
    "merge_commit_sha",
    "labels",
    "created_at",
    "updated_at",
    "closed_at",
    "merged_at",
  ],
  reviews: ["id", "repository_id", "number", "reviewer", "reviewer_type", "state", "submitted_at", "commit_sha"],
  pull_request_events: ["id", "repository_id", "number", "event", "actor", "created_at"],
  deployments: [
    "id",
    "repository_id",
    "sha",
    "ref",
    "task",
    "environment",
    "original_environment",
    "is_production",
    "is_transient",
    "creator",
    "created_at",
    "updated_at",
  ],
  deployment_statuses: ["id", "repository_id", "deployment_id", "state", "environment", "created_at"],
  releases: ["id", "repository_id", "tag", "name", "target", "is_draft", "is_prerelease", "created_at", "published_at"],
  workflow_runs: [
    "id",
    "repository_id",
    "name",
    "event",
    "status",
    "conclusion",
    "head_branch",
    "head_sha",
    "attempt",
    "created_at",
    "started_at",
    "updated_at",
  ],
  deployment_commits: [
    "repository_id",
    "deployment_id",
    "base_deployment_id",
    "base_sha",
    "head_sha",
    "comparison",
    "sha",
    "position",
  ],
};
