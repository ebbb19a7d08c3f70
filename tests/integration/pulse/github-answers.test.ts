// What GitHub may answer besides what it was asked for, one test each: limits, refusals, names and repositories that are gone.
import { generateKeyPairSync } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { githubJob as jobOf } from "../../../src/integrations/github/job.ts";
import { GithubProject, toRows } from "../../support/pulse/github-project.ts";
import { pull, repository } from "../../support/pulse/github-rows.ts";

let github: GithubProject;
afterEach(async () => {
  await github[Symbol.asyncDispose]();
});

const ids = [1, 2, 3, 4, 5];
const rows = toRows({ repositories: ids.map((id) => repository(id)), pull_requests: ids.map((id) => pull(id, 1)) });
const oneAtATime = { limits: { concurrency: 1 } } as const;
const few = { streams: [] } as const;

async function collected(): Promise<readonly unknown[]> {
  return (await github.rows("pull_requests", "repository_id")).map((row) => Number(row["repository_id"]));
}

test.each([
  ["that says how long", { status: 403, headers: { "retry-after": "300" }, pauseMs: 300_000 }],
  ["of the status 429", { status: 429, headers: { "retry-after": "300" }, pauseMs: 300_000 }],
  [
    "that says so in its body alone",
    { status: 403, message: "You have exceeded a secondary rate limit. Please wait.", pauseMs: 90_000 },
  ],
  ["of abuse detection", { status: 403, message: "You have triggered an abuse detection mechanism.", pauseMs: 90_000 }],
])("after a secondary limit %s nothing is sent while it lasts", async (_, limit) => {
  // one at a time, so that none is under way when the server says so
  github = await GithubProject.start({ rows, connection: oneAtATime });
  let count = 0;
  github.server.trouble = (path) => (path.includes("/pulls") && ++count === 1 ? limit : undefined);
  for (let runs = 0; runs < 3 && count < 6; runs += 1) {
    await github.project.run(job(), { onFailure: "return" });
  }
  expect(github.server.exchanges.filter(({ wasBlocked }) => wasBlocked)).toEqual([]);
  expect(await collected()).toEqual(ids);
});

test("a limit that is used up is waited for until the server has more", async () => {
  github = await GithubProject.start({ rows, server: { limit: 3 }, connection: oneAtATime });
  let run = await github.sync(few);
  expect(run.error).toBeUndefined();
  const refused = [...github.server.exchanges];
  for (let runs = 0; runs < 8 && (await collected()).length < ids.length; runs += 1) {
    run = await github.sync(few);
    refused.push(...github.server.exchanges);
  }
  expect(refused.filter(({ status }) => status === 403)).toEqual([]);
  expect(await collected()).toEqual(ids);
});

test("a repository that may not be read fails alone, and the next run asks only what is missing", async () => {
  github = await GithubProject.start({ rows });
  const refused = { status: 403, message: "Resource not accessible by integration" };
  github.server.trouble = (path) => (path.startsWith("/repos/acme/r3/pulls") ? refused : undefined);
  const run = await github.sync(few);
  expect(run.error).toBeUndefined();
  expect(await collected()).toEqual([1, 2, 4, 5]);
  expect(run.warnings.join("\n")).toMatch(/unit `3`.*status 403/);
  github.server.trouble = () => undefined;
  await github.sync(few);
  expect(await collected()).toEqual(ids);
  expect(github.server.exchanges.filter(({ path }) => path.includes("direction=asc")).map(({ path }) => path)).toEqual([
    expect.stringContaining("/repos/acme/r3/pulls"),
  ]);
});

const alone = toRows({ repositories: [repository(1)], pull_requests: [pull(1, 1)] });

test.each([
  ["PERMISSION_DENIED", { status: 403, message: "Resource not accessible by personal access token" }],
  ["RATE_LIMITED", { status: 403, message: "You have exceeded a secondary rate limit." }],
])("where nothing else could be read, a run that is not tried again ends with %s", async (code, trouble) => {
  github = await GithubProject.start({ rows: alone });
  github.server.trouble = (path) => (path.includes("/pulls") ? trouble : undefined);
  const run = await github.sync({ ...few, retry: { maxRetries: 0 } });
  expect(run.error).toMatchObject({ code });
  expect(github.asked.filter((line) => line.includes("/pulls"))).toHaveLength(1);
});

test("a wrong token fails the run, and no other repository is asked", async () => {
  github = await GithubProject.start({ rows, connection: { token: "ghp_wrong" } });
  const run = await github.sync(few);
  expect(run.error).toMatchObject({ code: "AUTHENTICATION_FAILED" });
  expect(github.asked).toEqual(["GET /orgs/acme/repos 401"]);
});

test("an organisation that is not there fails the run", async () => {
  github = await GithubProject.start({ rows });
  const run = await github.sync({ ...few, organization: "nobody" });
  expect(run.error).toMatchObject({ code: "REQUEST_REJECTED" });
});

test.each([404, 410, 451])("a repository that answers %d is skipped, and the others are read", async (status) => {
  github = await GithubProject.start({ rows });
  github.server.state.hidden.set(2, { status, message: "gone" });
  const run = await github.sync(few);
  expect(run.error).toBeUndefined();
  expect(await collected()).toEqual([1, 3, 4, 5]);
  expect(run.warnings.join("\n")).toContain("1 of 5 units were skipped: `2`");
});

test("an empty repository answers 409 and is no failure", async () => {
  github = await GithubProject.start({ rows });
  const run = await github.sync({ streams: ["commits"] });
  expect(run.error).toBeUndefined();
  expect(run.warnings).toEqual([]);
  expect(github.asked).toContain("GET /repos/acme/r1/git/ref/heads/main 409");
  expect(await github.rows("commits")).toEqual([]);
});

test("a repository that was renamed meanwhile is followed, and keeps its id", async () => {
  github = await GithubProject.start({ rows });
  github.server.trouble = (path) => {
    if (path.startsWith("/repos/acme/r1/pulls")) github.server.state.rename(1, "fresh");
    return undefined;
  };
  const run = await github.sync(few);
  expect(run.error).toBeUndefined();
  expect(github.asked).toContain("GET /repos/acme/r1/pulls 301");
  expect(github.asked).toContain("GET /repositories/1/pulls 200");
  expect(await collected()).toEqual(ids);
  github.server.trouble = () => undefined;
  await github.sync(few);
  expect(await github.rows("repositories", "id, name")).toContainEqual({ id: 1n, name: "fresh" });
  expect(github.asked).toContain("GET /repos/acme/fresh/pulls 200");
});

test.each([
  ["a 502", { status: 502 }],
  ["an answer that was cut", { isCut: true }],
])("%s is asked for again", async (_, trouble) => {
  github = await GithubProject.start({ rows });
  let count = 0;
  github.server.trouble = (path) => (path.startsWith("/repos/acme/r4/pulls") && ++count === 1 ? trouble : undefined);
  const run = await github.sync(few);
  expect(run.error).toBeUndefined();
  expect(await collected()).toEqual(ids);
  expect(count).toBe(2);
});

test("a 422 is nobody's pause: the repository fails at once", async () => {
  github = await GithubProject.start({ rows });
  github.server.trouble = (path) => (path.startsWith("/repos/acme/r5/pulls") ? { status: 422 } : undefined);
  const run = await github.sync(few);
  expect(run.error).toBeUndefined();
  expect(await collected()).toEqual([1, 2, 3, 4]);
  expect(github.asked.filter((line) => line === "GET /repos/acme/r5/pulls 422")).toHaveLength(1);
});

const keys = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const pem = keys.privateKey.export({ type: "pkcs1", format: "pem" }).toString();
const publicPem = keys.publicKey.export({ type: "spki", format: "pem" }).toString();

test("an app asks with tokens of its own, and one that ends in the middle is renewed once", async () => {
  github = await GithubProject.start({
    rows,
    server: { appKey: publicPem, tokens: [] },
    connection: { app: { id: "1", installation: "2", key: pem } },
  });
  let count = 0;
  github.server.trouble = (path) => {
    if (path.includes("/pulls") && ++count === 3) github.server.endTokens();
    return undefined;
  };
  const run = await github.project.run(job({ app: true }), { onFailure: "return" });
  expect(run.error).toBeUndefined();
  expect(await collected()).toEqual(ids);
  expect(github.asked).toContain("GET /installation/repositories 200");
  expect(github.asked.filter((line) => line.startsWith("POST"))).toEqual([
    "POST /app/installations/2/access_tokens 201",
    "POST /app/installations/2/access_tokens 201",
  ]);
});

test.each(["off", "silent"] as const)(
  "an Enterprise Server whose limits are %s is asked without a pause",
  async (limit) => {
    github = await GithubProject.start({ rows, server: { limit, prefix: "/api/v3" } });
    github.server.trouble = (path) => (path.startsWith("/repos/acme/r2/pulls") ? { status: 403 } : undefined);
    const run = await github.sync(few);
    expect(run.error).toBeUndefined();
    expect(await collected()).toEqual([1, 3, 4, 5]);
    // none of none left is no limit, and a refusal no pause
    expect(github.asked.filter((line) => line === "GET /repos/acme/r2/pulls 403")).toHaveLength(1);
  },
);

function job(options: Parameters<typeof jobOf>[0] = { organization: "acme" }): ReturnType<typeof jobOf> {
  return jobOf({ ...few, ...options });
}
