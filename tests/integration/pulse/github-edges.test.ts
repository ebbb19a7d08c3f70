// Rare answers of GitHub, one test each: clocks that differ, bodies that are none, accounts that may not, lists without an end.
import { generateKeyPairSync } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import type { Review, WorkflowRun } from "../../../examples/pulse/organisation/entities.ts";
import { GithubProject, toRows } from "../../support/pulse/github-project.ts";
import { pull, repository, sha } from "../../support/pulse/github-rows.ts";

let github: GithubProject;
afterEach(async () => {
  await github[Symbol.asyncDispose]();
});

const few = { streams: [] } as const;
const start = "2026-01-01T00:00:00Z";
const two = toRows({ repositories: [repository(1), repository(2)], pull_requests: [pull(1, 1), pull(2, 1)] });
const hourMs = 3_600_000;

async function collected(): Promise<readonly number[]> {
  return (await github.rows("pull_requests", "repository_id")).map((row) => Number(row["repository_id"]));
}

test.each([
  ["ahead of", hourMs],
  ["behind", -hourMs],
])("a pause is as long as GitHub means it, whose clock is an hour %s this one", async (_, skewMs) => {
  const clock: { github?: GithubProject } = {};
  const now = (): number => (clock.github?.project.now.getTime() ?? Date.now()) + skewMs;
  github = await GithubProject.start({
    rows: two,
    server: { limit: 2, now },
    connection: { limits: { concurrency: 1 } },
  });
  clock.github = github;
  const startedAt = github.project.now.getTime();
  for (let runs = 0; runs < 4 && (await rowsOf()) < 2; runs += 1) await github.sync(few);
  expect(await collected()).toEqual([1, 2]);
  // two hours have begun anew, each of them a second after GitHub says so
  expect(github.project.now.getTime() - startedAt).toBe(2 * (hourMs + 1_000));
  expect(github.server.exchanges.filter(({ status }) => status === 403)).toEqual([]);
});

/** None before the dataset is there. */
async function rowsOf(): Promise<number> {
  return await collected().then(
    ({ length }) => length,
    () => 0,
  );
}

test("a change in the future, by the clock of GitHub, hides none that come after it", async () => {
  const soon = new Date(Date.now() + hourMs).toISOString();
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], pull_requests: [pull(1, 1)] }) });
  github.server.state.putPull(pull(1, 1, { updated_at: soon }));
  await github.sync(few);
  const at = new Date(github.project.now.getTime() + 60_000).toISOString();
  github.project.skipTo(github.project.now.getTime() + 120_000);
  github.server.state.putPull(pull(1, 2, { created_at: at, updated_at: at }));
  await github.sync(few);
  expect(await github.rows("pull_requests", "number")).toEqual([{ number: 1n }, { number: 2n }]);
});

test.each([
  ["null", null],
  ["an object with a message", { message: "Server Error" }],
])("a list that is %s fails its repository, and is not taken for an empty one", async (_, body) => {
  const rows = toRows({ repositories: [repository(1)], pull_requests: [pull(1, 1)] });
  github = await GithubProject.start({ rows });
  github.server.trouble = (path) => (path.startsWith("/repos/acme/r1/pulls") ? { status: 200, body } : undefined);
  const run = await github.sync(few);
  expect(run.error).toMatchObject({ code: "SOURCE_UNREADABLE" });
  github.server.trouble = () => undefined;
  await github.sync(few);
  expect(await collected()).toEqual([1]);
});

test("an organisation that wants a single sign-on of the token refuses it, which is no limit", async () => {
  github = await GithubProject.start({ rows: two });
  const headers = { "x-github-sso": "required; url=https://github.com/orgs/acme/sso" };
  const message = "Resource protected by organization SAML enforcement.";
  github.server.trouble = () => ({ status: 403, headers, message });
  const run = await github.sync(few);
  expect(run.error).toMatchObject({ code: "PERMISSION_DENIED" });
  expect(github.asked).toEqual(["GET /orgs/acme/repos 403"]);
});

test("a private repository is collected, one that is disabled is not asked, and an archived one only where that is wanted", async () => {
  const repositories = [
    repository(1, { is_private: true }),
    repository(2, { is_disabled: true }),
    repository(3, { is_archived: true }),
  ];
  github = await GithubProject.start({
    rows: toRows({ repositories, pull_requests: [pull(1, 1), pull(2, 1), pull(3, 1)] }),
  });
  await github.sync(few);
  expect(await collected()).toEqual([1]);
  await github.sync({ ...few, repositories: { archived: true } });
  expect(await collected()).toEqual([1, 3]);
});

test("a review that is still written has no time, and a bot is one", async () => {
  const review: Review = {
    id: 5,
    repository_id: 1,
    number: 1,
    reviewer: "helper[bot]",
    reviewer_type: "Bot",
    state: "PENDING",
    submitted_at: null,
    commit_sha: sha("a1"),
  };
  const rows = toRows({ repositories: [repository(1)], pull_requests: [pull(1, 1)], reviews: [review] });
  github = await GithubProject.start({ rows });
  expect((await github.sync({ streams: ["reviews"] })).error).toBeUndefined();
  expect(await github.rows("reviews", "state, submitted_at, reviewer_type")).toEqual([
    { state: "PENDING", submitted_at: null, reviewer_type: "Bot" },
  ]);
});

test("more workflow runs come than a list with a filter would have", async () => {
  const runs = Array.from({ length: 1_050 }, (_, index): WorkflowRun => ({
    id: index + 1,
    repository_id: 1,
    name: "build",
    event: "push",
    status: "completed",
    conclusion: "success",
    head_branch: "main",
    head_sha: sha("a1"),
    attempt: 1,
    created_at: start,
    started_at: start,
    updated_at: start,
  }));
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], workflow_runs: runs }) });
  expect((await github.sync({ streams: ["workflow_runs"] })).error).toBeUndefined();
  expect(await github.rows("workflow_runs", "count(*)::integer as n")).toEqual([{ n: 1_050 }]);
});

const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const privateKey = keys.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const publicKey = keys.publicKey.export({ type: "spki", format: "pem" }).toString();

test.each([
  ["an app that GitHub does not know", "3", "2"],
  ["an installation that is gone", "1", "9"],
])("%s fails the run, and asks nothing else", async (_, id, installation) => {
  github = await GithubProject.start({
    rows: two,
    server: { appKey: publicKey, tokens: [] },
    connection: { app: { id, installation, key: privateKey } },
  });
  const run = await github.sync({ ...few, organization: undefined, app: true } as never);
  expect(run.error).toMatchObject({ code: "AUTHENTICATION_FAILED", disposition: "fail" });
  expect(github.asked.filter((line) => !line.startsWith("POST /app/"))).toEqual([]);
});
