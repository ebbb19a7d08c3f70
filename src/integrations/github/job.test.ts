// What `githubJob` makes of its options, without asking anybody.
import { expect, test } from "vitest";
import { expectThrown } from "../../../tests/support/expect-thrown.ts";
import { githubConnection } from "./client.ts";
import { githubJob } from "./job.ts";
import { type GithubJobOptions, readOptions } from "./options.ts";

const organization = "acme";

test("a pipeline has the streams, and what follows from them, in the order of their datasets", () => {
  const names = githubJob({ organization })
    .nodes()
    .map(({ job }) => job.name);
  expect(names).toContain("github_workflow_runs");
  for (const [before, after] of [
    ["github_repositories", "github_repository_units"],
    ["github_pull_request_items", "github_pull_request_units"],
    ["github_pull_request_details", "github_pull_requests"],
    ["github_deployment_pairs", "github_deployment_comparisons"],
    ["github_head_comparisons", "github_commits"],
  ] as const) {
    expect(names.indexOf(before)).toBeGreaterThanOrEqual(0);
    expect(names.indexOf(before)).toBeLessThan(names.indexOf(after));
  }
});

test("streams that are not wanted are left out, and the prefix is on all names", () => {
  const names = githubJob({ organization, prefix: "gh_", streams: ["reviews"] })
    .nodes()
    .map(({ job }) => job.name);
  expect(names.toSorted()).toEqual(
    [
      "gh_repositories",
      "gh_repository_units",
      "gh_pull_request_items",
      "gh_pull_request_units",
      "gh_pull_request_detail_units",
      "gh_pull_requests",
      "gh_reviews",
    ].toSorted(),
  );
});

test.each<[string, GithubJobOptions]>([
  ["no owner", {}],
  ["two owners", { organization, user: "bob" }],
  ["an owner that is a path", { organization: "acme/x" }],
  ["an unknown stream", { organization, streams: ["gists" as never] }],
  ["an unknown option", { organization, repos: [] } as unknown as GithubJobOptions],
  ["commits since 1970, which would be none", { organization, commits: { since: "1970-01-01T00:00:00Z" } }],
  ["an endpoint that nothing reads", { organization, endpoints: { gists: "/gists" } as never }],
  ["a required field that is no column", { organization, validation: { github_pr: { required_fields: ["body"] } } }],
  ["a number of retries that is none", { organization, config: { retry_config: { max_retries: -1 } } }],
  ["another form of dates", { organization, validation: { github_pr: { date_format: "RFC822" } } }],
])("%s is refused", (_, options) => {
  expectThrown(() => githubJob(options), "JOB_INVALID");
});

test("the objects of the job guide are taken as they are written, with notices", () => {
  const settings = readOptions({
    config: {
      base_url: "https://api.github.com",
      organization: "your-org",
      token: "ghp_xxxxxxxxxxxxxxxxxxxx",
      rate_limit: { requests_per_hour: 5000, core_limit: 5000, search_limit: 30 },
      retry_config: { max_retries: 3, backoff_factor: 2 },
    },
    endpoints: {
      repositories: "/orgs/{org}/repos",
      pull_requests: "/repos/{owner}/{repo}/pulls",
      commits: "/repos/{owner}/{repo}/commits",
      deployments: "/repos/{owner}/{repo}/deployments",
      releases: "/repos/{owner}/{repo}/releases",
    },
    validation: {
      github_pr: {
        required_fields: ["number", "title", "state", "created_at"],
        date_format: "ISO8601",
        state_values: ["open", "closed", "merged"],
      },
      jira_issue: { required_fields: ["key"] },
    },
    schedule: { github_job: { interval: "4_hours", fast_recovery: "30_minutes", dependencies: [] } },
    retry: { max_retries: 3, base_delay: 300, exponential_backoff: true, jitter: true },
  });
  expect(settings.owner).toEqual({ kind: "organization", name: "your-org" });
  expect(settings.tries).toBe(4);
  expect(settings.schedule).toEqual({ every: "4h", fastRecovery: "30m" });
  expect(settings.addresses.pull_requests).toBe("/repos/{{repository.owner}}/{{repository.name}}/pulls");
  expect(settings.notices).toEqual([
    expect.stringContaining("`search_limit`"),
    expect.stringContaining("`requests_per_hour`"),
    expect.stringContaining("`/compare` of heads"),
    expect.stringContaining("`/deployments/{id}/statuses`"),
    expect.stringContaining("`merged`"),
  ]);
});

test("a connection has one kind of credentials, and those of an app are exchanged for tokens", () => {
  expect(githubConnection({ token: "ghp_x" }).http).toMatchObject({
    baseUrl: "https://api.github.com",
    auth: { bearer: "ghp_x" },
  });
  const app = { id: "1", installation: "2", key: "PEM" };
  expect(githubConnection({ app, baseUrl: "https://ghe.example/api/v3/" }).http?.auth?.jwt).toMatchObject({
    tokenUrl: "https://ghe.example/api/v3/app/installations/2/access_tokens",
    exchange: { token: "token", expiresAt: "expires_at" },
  });
  expectThrown(() => githubConnection({}), "JOB_INVALID");
  expectThrown(() => githubConnection({ token: "x", app }), "JOB_INVALID");
});
