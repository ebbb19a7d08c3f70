// What changes at GitHub while and after it is read: pages that move, force pushes, late merges, deployments that end late.
import { afterEach, expect, test } from "vitest";
import type { GithubServer } from "../../../examples/pulse/servers/github/github-server.ts";
import { GithubProject, toRows } from "../../support/pulse/github-project.ts";
import { branch, deployment, pull, repository, sha, status } from "../../support/pulse/github-rows.ts";

let github: GithubProject;
afterEach(async () => {
  await github[Symbol.asyncDispose]();
});

const few = { streams: [] } as const;
const later = "2026-02-01T00:00:00Z";
const many = Array.from({ length: 250 }, (_, index) =>
  pull(1, index + 1, { updated_at: `2026-01-02T00:${String(Math.floor(index / 5)).padStart(2, "0")}:00Z` }),
);

async function numbers(): Promise<readonly number[]> {
  return (await github.rows("pull_requests", "number")).map(({ number }) => Number(number));
}

/** Changes something right before the page is given. */
function before(server: GithubServer, page: string, change: () => void): void {
  server.trouble = (path) => {
    if (path.includes("/pulls") && path.includes(page)) change();
    return undefined;
  };
}

test("no pull request is missed when others change while the first pages are read", async () => {
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], pull_requests: many }) });
  const { server } = github;
  const [first] = many;
  before(server, "page=2", () => first && server.state.putPull({ ...first, title: "Changed", updated_at: later }));
  expect((await github.sync(few)).error).toBeUndefined();
  expect(await numbers()).toHaveLength(many.length);
  server.trouble = () => undefined;
  // its change came after its page, and before the run was over
  await github.sync(few);
  expect(await github.rows("pull_requests", "title")).toContainEqual({ title: "Changed" });
});

test("no pull request is missed, and none comes twice, when one changes while later pages are read", async () => {
  const all = many.map((one) => ({ ...one, updated_at: later }));
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], pull_requests: many }) });
  await github.sync(few);
  const { server } = github;
  for (const one of all) server.state.putPull({ ...one, title: "Again" });
  const moved = all.at(-1);
  before(server, "page=2", () => {
    if (moved !== undefined) server.state.putPull({ ...moved, title: "Again", updated_at: "2026-02-01T00:00:05Z" });
  });
  expect((await github.sync(few)).error).toBeUndefined();
  server.trouble = () => undefined;
  await github.sync(few);
  expect(await github.rows("pull_requests", "distinct title")).toEqual([{ title: "Again" }]);
});

test("a second change within the same second is read", async () => {
  const one = pull(1, 1, { updated_at: later });
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], pull_requests: [one] }) });
  await github.sync(few);
  github.server.state.putPull({ ...one, title: "The same second" });
  await github.sync(few);
  expect(await github.rows("pull_requests", "title")).toEqual([{ title: "The same second" }]);
});

test("links are followed as they are, and lead by the id of the repository", async () => {
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], pull_requests: many }) });
  await github.sync(few);
  expect(github.asked.filter((line) => line.includes("pulls"))).toEqual([
    "GET /repos/acme/r1/pulls 200",
    "GET /repositories/1/pulls 200",
    "GET /repositories/1/pulls 200",
  ]);
});

test("an account that is gone, and a fork that is gone, are null", async () => {
  const ghost = pull(1, 1, { author: null, author_type: null });
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], pull_requests: [ghost] }) });
  expect((await github.sync(few)).error).toBeUndefined();
  expect(await github.rows("pull_requests", "author, author_type, head_sha, merge_commit_sha")).toEqual([
    { author: null, author_type: null, head_sha: sha("a1"), merge_commit_sha: null },
  ]);
});

test("of a pull request with more commits than GitHub gives, the number of all is known", async () => {
  const large = pull(1, 1, { state: "merged", merged_at: later, closed_at: later, commit_count: 300 });
  const own = Array.from({ length: 300 }, (_, position) => ({
    repository_id: 1,
    number: 1,
    sha: sha(`b${position}`.padEnd(6, "e")),
    position,
    author: "ada",
    authored_at: later,
    committed_at: later,
    message: "Step",
  }));
  const rows = toRows({ repositories: [repository(1)], pull_requests: [large], pull_request_commits: own });
  github = await GithubProject.start({ rows });
  await github.sync({ streams: ["details", "pull_request_commits"] });
  expect(await github.rows("pull_requests", "commit_count")).toEqual([{ commit_count: 300n }]);
  expect(await github.rows("pull_request_commits", "count(*)::integer as n")).toEqual([{ n: 250 }]);
});

const commits = { streams: ["commits"] } as const;

test("a commit that comes by a late merge is read, however old it is", async () => {
  const rows = toRows({ repositories: [repository(1)], commits: branch(1, ["c1", "c2"]) });
  github = await GithubProject.start({ rows });
  await github.sync(commits);
  const [old] = branch(1, ["0d"], { committed_at: "2020-01-01T00:00:00Z", parents: [sha("c1")] });
  const [merge] = branch(1, ["3e"], { parents: [sha("c2"), sha("0d")] });
  if (old === undefined || merge === undefined) throw new Error("expected commits");
  github.server.state.push(1, merge.sha, later, [old, merge]);
  await github.sync(commits);
  expect((await github.rows("commits", "sha")).map((row) => row["sha"])).toEqual(
    ["0d", "3e", "c1", "c2"].map(sha).toSorted((a, b) => (a < b ? -1 : 1)),
  );
  // nothing was pushed: nothing is asked but the list of repositories
  await github.sync(commits);
  expect(github.asked.filter((line) => !line.includes("/pulls"))).toEqual(["GET /orgs/acme/repos 304"]);
});

test("commits that a force push takes away are marked, and those that it brings are read", async () => {
  const rows = toRows({ repositories: [repository(1)], commits: branch(1, ["c1", "c2", "c3"]) });
  github = await GithubProject.start({ rows });
  await github.sync(commits);
  const fresh = branch(1, ["d2"], { parents: [sha("c1")] });
  github.server.state.push(1, sha("d2"), later, fresh);
  expect((await github.sync(commits)).error).toBeUndefined();
  const removed = async (): Promise<readonly string[]> =>
    (await github.rows("commits", "sha, is_removed"))
      .filter((row) => row["is_removed"] === true)
      .map((row) => String(row["sha"]));
  expect(await removed()).toEqual([sha("c2"), sha("c3")]);
  // and a branch that only goes back
  github.server.state.push(1, sha("c1"), "2026-02-02T00:00:00Z");
  await github.sync(commits);
  expect(await removed()).toEqual([sha("c2"), sha("c3"), sha("d2")]);
  // what comes back is there again
  github.server.state.push(1, sha("c3"), "2026-02-03T00:00:00Z");
  await github.sync(commits);
  expect(await removed()).toEqual([sha("d2")]);
});

test("where the commit before is gone, those of the head are read from the beginning", async () => {
  const rows = toRows({ repositories: [repository(1)], commits: branch(1, ["c1", "c2"]) });
  github = await GithubProject.start({ rows });
  await github.sync(commits);
  const { state } = github.server;
  state.push(1, sha("d2"), later, branch(1, ["d1", "d2"]));
  state.graph(1).forget(sha("c2"));
  const run = await github.sync(commits);
  expect(run.error).toBeUndefined();
  expect((await github.rows("commits", "sha")).map((row) => row["sha"])).toEqual(["c1", "c2", "d1", "d2"].map(sha));
});

test("a deployment that ends late is read again, and counts from its first success", async () => {
  const first = deployment(1, 11, { sha: sha("c1"), created_at: "2026-01-02T00:00:00Z" });
  const second = deployment(1, 12, { sha: sha("c2"), created_at: "2026-01-03T00:00:00Z" });
  const rows = toRows({
    repositories: [repository(1)],
    commits: branch(1, ["c1", "c2"]),
    deployments: [first, second],
    deployment_statuses: [status(first, 101), status(second, 102, { state: "in_progress" })],
  });
  github = await GithubProject.start({ rows });
  const options = { streams: ["deployments"] } as const;
  await github.sync(options);
  const shown = "deployment_id, comparison, sha";
  const baseline = { deployment_id: 11n, comparison: "baseline", sha: null };
  expect(await github.rows("deployment_commits", shown)).toEqual([baseline]);
  const ends = (id: number, at: string): ReturnType<typeof status> => status(second, id, { created_at: at });
  github.server.state.deploy(second, [ends(103, "2026-01-05T00:00:00Z"), ends(104, "2026-01-06T00:00:00Z")]);
  // nothing was pushed, and no pull request has changed: the repository is looked at once a day
  await github.sync(options);
  expect(github.asked.filter((line) => line.includes("deployments"))).toEqual([]);
  github.project.skipTo(github.project.now.getTime() + 86_400_000);
  await github.sync(options);
  expect(await github.rows("deployment_commits", shown)).toEqual([
    baseline,
    { deployment_id: 12n, comparison: "ahead", sha: sha("c2") },
  ]);
  expect(await github.rows("deployment_pairs", "deployment_id, strftime(deployed_at, '%d') as day")).toEqual([
    { deployment_id: 11n, day: "02" },
    { deployment_id: 12n, day: "05" },
  ]);
});

test("what gives no sign is asked for by each run while something else happens, and where that is wanted always", async () => {
  const rows = toRows({ repositories: [repository(1), repository(2)], pull_requests: [pull(2, 1)] });
  github = await GithubProject.start({ rows });
  const streams = ["releases"] as const;
  const releases = async (quietAfter?: false): Promise<readonly string[]> => {
    await github.sync({ streams, ...(quietAfter === undefined ? {} : { quietAfter }) });
    return github.asked.filter((line) => line.includes("releases")).map((line) => line.slice(0, 18));
  };
  expect(await releases()).toHaveLength(2);
  expect(await releases()).toEqual([]);
  github.server.state.putPull(pull(2, 1, { updated_at: github.project.now.toISOString() }));
  for (let runs = 0; runs < 2; runs += 1) expect(await releases()).toEqual(["GET /repos/acme/r2"]);
  expect(await releases(false)).toHaveLength(2);
});

test("a roll-back, the same commit again and a commit that is gone bring no commits", async () => {
  const words = ["c1", "c2", "c1", "c1", "e9"];
  const deployments = words.map((word, index) => {
    const at = `2026-01-0${index + 2}T00:00:00Z`;
    return deployment(1, 11 + index, { sha: sha(word), created_at: at, updated_at: at });
  });
  const rows = toRows({
    repositories: [repository(1)],
    commits: branch(1, ["c1", "c2"]),
    deployments,
    deployment_statuses: deployments.map((one, index) => status(one, 101 + index)),
  });
  github = await GithubProject.start({ rows });
  const run = await github.sync({ streams: ["deployments"], production: { environments: [/^PROD/i] } });
  expect(run.error).toBeUndefined();
  const found = await github.rows("deployment_commits", "deployment_id, comparison, sha");
  expect(found.map(({ comparison, sha: one }) => [comparison, one])).toEqual([
    ["baseline", null],
    ["ahead", sha("c2")],
    ["behind", null],
    ["identical", null],
    ["unknown", null],
  ]);
});

test("an organisation with nothing has all datasets, without a row", async () => {
  github = await GithubProject.start({ rows: toRows({}) });
  const run = await github.sync();
  expect(run.error).toBeUndefined();
  for (const name of ["repositories", "pull_requests", "reviews", "commits", "deployment_commits", "workflow_runs"]) {
    expect(await github.rows(name)).toEqual([]);
  }
});

test("rows that break a rule are set aside, and hold up no other", async () => {
  const bad = pull(1, 2, { created_at: "soon", updated_at: later });
  const early = pull(1, 3, { created_at: "1999-01-01T00:00:00Z" });
  const rows = toRows({ repositories: [repository(1)], pull_requests: [pull(1, 1), bad, early] });
  github = await GithubProject.start({ rows });
  const run = await github.sync(few);
  expect(run.error).toBeUndefined();
  expect(await numbers()).toEqual([1]);
  const aside = await github.rows("pull_request_items_quarantine", "number, _reasons");
  expect(aside.map(({ number, _reasons: reasons }) => [Number(number), String(reasons)])).toEqual([
    [2, "completeness: pull request"],
    [3, "accuracy: created_at"],
  ]);
});
