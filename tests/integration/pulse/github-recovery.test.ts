// What becomes of a collection of GitHub that is disturbed, by the sections of the job guide.
import { rm } from "node:fs/promises";
import { afterEach, expect, test, vi } from "vitest";
import { githubJob } from "../../../src/integrations/github/job.ts";
import { createCommandLine } from "../../support/cli/command-line.ts";
import { writeInsideProject } from "../../support/cli/inside-project.ts";
import { GithubProject, toRows } from "../../support/pulse/github-project.ts";
import { pull, repository } from "../../support/pulse/github-rows.ts";
import type { Trouble } from "../../../examples/pulse/servers/github/github-server.ts";

let github: GithubProject;
afterEach(async () => {
  await github[Symbol.asyncDispose]();
});

const few = { streams: [] } as const;
const ids = [1, 2, 3];
const three = toRows({ repositories: ids.map((id) => repository(id)), pull_requests: ids.map((id) => pull(id, 1)) });
const limit: Trouble = { status: 403, headers: { "retry-after": "300" }, pauseMs: 300_000 };

/** Time passes with each request, as it does. */
function passTime(trouble: (path: string) => Trouble | undefined = () => undefined): void {
  github.server.trouble = (path) => {
    github.project.skipTo(github.project.now.getTime() + 1_000);
    return trouble(path);
  };
}

async function collected(): Promise<readonly number[]> {
  return (await github.rows("pull_requests", "repository_id")).map((row) => Number(row["repository_id"]));
}

test("checkpoint after every page: an attempt asks for no page that one before it has got", async () => {
  const many = Array.from({ length: 450 }, (_, index) => pull(1, index + 1));
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], pull_requests: many }) });
  let ends = 2;
  passTime((path) => (path.includes("page=4") && (ends -= 1) >= 0 ? limit : undefined));
  const run = await github.sync(few);
  expect(run.error).toBeUndefined();
  expect(run.attempts.filter(({ job, end }) => job === "github_pull_request_items" && end !== "finished").length).toBe(
    2,
  );
  expect(await collected()).toHaveLength(450);
  const pages = github.server.exchanges
    .filter(({ path }) => path.includes("/pulls"))
    .map(({ path, status }) => `${/[?&]page=(\d)/.exec(path)?.[1] ?? "1"} ${status}`);
  expect(pages).toEqual(["1 200", "2 200", "3 200", "4 403", "4 403", "4 200", "5 200"]);
});

test("incremental updates: only what is newer than the last successful run is fetched", async () => {
  const many = Array.from({ length: 150 }, (_, index) =>
    pull(1, index + 1, { updated_at: new Date(Date.UTC(2026, 0, 1, index)).toISOString() }),
  );
  github = await GithubProject.start({ rows: toRows({ repositories: [repository(1)], pull_requests: many }) });
  passTime();
  await github.sync(few);
  github.server.state.putPull(pull(1, 7, { title: "Changed", updated_at: github.project.now.toISOString() }));
  await github.sync(few);
  // newest change first, and no page behind the first one
  expect(github.asked.filter((line) => line.includes("/pulls"))).toEqual(["GET /repos/acme/r1/pulls 200"]);
  expect(await github.rows("pull_requests", "title")).toContainEqual({ title: "Changed" });
});

test("rate limit handling: one gate for each credential, whoever asks", async () => {
  github = await GithubProject.start({ rows: three, connection: { limits: { concurrency: 1 } } });
  let count = 0;
  passTime((path) => (path.includes("/pulls") && ++count === 2 ? limit : undefined));
  await github.sync(few);
  // another pipeline with the same connection is not told by GitHub, and waits all the same
  const other = githubJob({ organization: "acme", name: "other_job", prefix: "other_", ...few });
  const run = await github.project.run(other, { onFailure: "return" });
  expect(run.error).toBeUndefined();
  expect(github.server.exchanges.filter(({ wasBlocked }) => wasBlocked)).toEqual([]);
  expect(github.server.exchanges.filter(({ status }) => status === 403)).toHaveLength(1);
});

test("partial failure recovery: the other repositories go on, and only the one that failed is asked again", async () => {
  github = await GithubProject.start({ rows: three });
  passTime((path) => (path.includes("/r2/pulls") ? { status: 422 } : undefined));
  const run = await github.sync(few);
  expect([run.state, run.reason]).toEqual(["FINISHED", "partial"]);
  expect(await collected()).toEqual([1, 3]);
  passTime();
  await github.sync(few);
  expect(await collected()).toEqual(ids);
  const whole = github.server.exchanges.filter(({ path }) => path.includes("direction=asc"));
  expect(whole.map(({ path }) => path.split("?")[0])).toEqual(["/repos/acme/r2/pulls"]);
});

test("recovery timing: fast, standard and extended recovery follow one another, and then a person is asked", async () => {
  github = await GithubProject.start({ rows: three });
  passTime(() => ({ status: 503 }));
  const pipeline = githubJob({
    config: { organization: "acme", retry_config: { max_retries: 0 } },
    retry: { maxRetries: 2, baseDelay: "5m", recovery: {}, jitter: false },
    ...few,
  });
  const run = await github.project.run(pipeline, { onFailure: "return" });
  expect([run.state, run.error?.code]).toEqual(["ERROR", "SERVICE_UNAVAILABLE"]);
  const starts = run.attempts.filter(({ job }) => job === "github_repositories").map((one) => one.startedAt.getTime());
  const waits = starts.slice(1).map((at, index) => Math.round((at - (starts[index] ?? 0)) / 60_000));
  expect(waits).toEqual([5, 10, 60, 120, 240, 24 * 60]);
  // what a person has mended is collected by the next run
  passTime();
  expect((await github.sync(few)).error).toBeUndefined();
  expect(await collected()).toEqual(ids);
});

test("manual intervention: refused credentials are not tried again", async () => {
  github = await GithubProject.start({ rows: three, connection: { token: "ghp_wrong" } });
  const run = await github.sync({ ...few, retry: { recovery: {} } });
  expect(run.attempts.filter(({ job }) => job === "github_repositories")).toHaveLength(1);
  expect(run.error?.code).toBe("AUTHENTICATION_FAILED");
});

test("circuit breaker: while GitHub refuses the credentials nothing is sent", async () => {
  github = await GithubProject.start({ rows: three });
  vi.stubEnv("GITHUB_TOKEN", "ghp_wrong");
  const project = await writeInsideProject({
    "millrace.config.ts": `import { defineProject, env, githubConnection } from "millrace";
      const baseUrl = ${JSON.stringify(github.server.baseUrl)};
      export default defineProject({ connections: { github: githubConnection({ baseUrl, token: env("GITHUB_TOKEN") }) } });`,
    "pipelines/github.ts": `import { githubJob } from "millrace";
      export default githubJob({ organization: "acme", streams: [] });`,
  });
  try {
    const commandLine = createCommandLine(project);
    expect(await commandLine.run("run", "github_job")).toMatchObject({ exitCode: 1 });
    expect(github.asked).toEqual(["GET /orgs/acme/repos 401"]);
    const waited = await commandLine.run("run", "github_job", "--wait-timeout", "1s");
    expect(waited.exitCode).toBe(75);
    expect((await commandLine.run("connections", "reset", "github")).stdout).toContain("closed the breaker");
    expect(github.asked).toHaveLength(1);
  } finally {
    vi.unstubAllEnvs();
    await rm(project, { recursive: true });
  }
});
