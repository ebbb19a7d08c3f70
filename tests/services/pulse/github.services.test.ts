// The local GitHub is judged by the schemas of GitHub's own OpenAPI document, and by a client of GitHub's own that pages through all of it.
import { beforeAll, expect, test } from "vitest";
import { GithubProject, smallOrganisation } from "../../support/pulse/github-project.ts";
import { ensureNpm, type NpmPackages } from "../npm-packages.ts";
import { createGithubJudge, type JudgeAnswer } from "./github-schema.ts";

const rows = smallOrganisation();
let packages: NpmPackages;
let judge: JudgeAnswer;

beforeAll(async () => {
  packages = await ensureNpm(["@octokit/openapi@23.0.2", "ajv@8.20.0", "ajv-formats@3.0.1", "octokit@5.0.5"]);
  judge = await createGithubJudge(packages);
});

async function start(): Promise<GithubProject> {
  return await GithubProject.start({ rows, server: { isWhole: true, limit: "off" } });
}

/** @param tell is told the path and the body of each answer */
async function createClient(baseUrl: string, tell: (path: string, body: unknown) => void): Promise<Octokit> {
  const { Octokit: Client } = (await packages.load("octokit")) as {
    readonly Octokit: new (options: object) => Octokit;
  };
  const octokit = new Client({ auth: "ghp_test", baseUrl, throttle: { enabled: false } });
  octokit.hook.after("request", ({ url, data }) => {
    const { pathname } = new URL(url);
    tell(
      pathname.replace(/^\/repositories\/(\d+)/, (_, id) => `/repos/${nameOf(Number(id))}`),
      data,
    );
  });
  return octokit;
}

interface Octokit {
  readonly hook: {
    after(event: "request", tell: (response: { readonly url: string; readonly data: unknown }) => void): void;
  };
  paginate(route: string, parameters: object): Promise<readonly unknown[]>;
  request(route: string, parameters: object): Promise<{ readonly data: unknown }>;
}

function nameOf(id: number): string {
  return rows.repositories.find((repository) => repository.id === id)?.full_name ?? "";
}

test("octokit finds as many rows as there are, and GitHub's own schemas find nothing wrong with them", async () => {
  await using github = await start();
  const wrong = new Set<string>();
  const octokit = await createClient(github.server.baseUrl, (path, body) => {
    for (const line of judge(path, body)) wrong.add(line.replaceAll(/\/\d+/g, "/0"));
  });
  const found = new Map<string, number>();
  const list = async (name: string, route: string, more: object): Promise<void> => {
    const { length } = await octokit.paginate(route, { per_page: 2, ...more });
    found.set(name, (found.get(name) ?? 0) + length);
  };
  await list("repositories", "GET /orgs/{org}/repos", { org: "acme", type: "all" });
  await list("installation", "GET /installation/repositories", {});
  for (const { id, owner, name: repo, default_branch: branch } of rows.repositories) {
    const of = { owner, repo };
    const at = "GET /repos/{owner}/{repo}";
    await list("pull_requests", `${at}/pulls`, { ...of, state: "all" });
    await list("pull_request_events", `${at}/issues/events`, of);
    await list("deployments", `${at}/deployments`, of);
    await list("releases", `${at}/releases`, of);
    await list("workflow_runs", `${at}/actions/runs`, of);
    if (github.server.state.heads.has(id)) {
      await list("commits", `${at}/commits`, { ...of, per_page: 100 });
      await octokit.request(`${at}/git/ref/heads/{branch}`, { ...of, branch });
    }
    for (const { number } of rows.pull_requests.filter((pull) => pull.repository_id === id)) {
      await octokit.request(`${at}/pulls/{number}`, { ...of, number });
      await list("pull_request_commits", `${at}/pulls/{number}/commits`, { ...of, number });
      await list("reviews", `${at}/pulls/{number}/reviews`, { ...of, number });
    }
    for (const deployment of rows.deployments.filter((one) => one.repository_id === id)) {
      await list("deployment_statuses", `${at}/deployments/{id}/statuses`, { ...of, id: deployment.id });
    }
    for (const { base_sha: base, head_sha: head } of rows.deployment_commits.filter(
      (one) => one.repository_id === id,
    )) {
      if (base !== null) await octokit.request(`${at}/compare/{base}...{head}`, { ...of, base, head });
    }
  }
  const { commits, repositories } = rows;
  expect(Object.fromEntries(found)).toEqual({
    repositories: repositories.length,
    installation: repositories.length,
    pull_requests: rows.pull_requests.length,
    pull_request_events: rows.pull_request_events.length,
    deployments: rows.deployments.length,
    releases: rows.releases.length,
    workflow_runs: rows.workflow_runs.length,
    commits: commits.filter((commit) => !commit.is_removed).length,
    pull_request_commits: rows.pull_request_commits.length,
    reviews: rows.reviews.length,
    deployment_statuses: rows.deployment_statuses.length,
  });
  // of a fork that is gone GitHub gives null, whatever its schema says: 15 of 50 recorded answers have it
  expect([...wrong].filter((line) => !line.includes("/head/repo must be object"))).toEqual([]);
});

test("answers with all fields become the rows of those with few", async () => {
  await using github = await start();
  expect((await github.sync({ repositories: { archived: true } })).error).toBeUndefined();
  for (const name of ["pull_requests", "reviews", "deployments", "workflow_runs"] as const) {
    expect(await github.rows(name, "count(*)::integer as n")).toEqual([{ n: rows[name].length }]);
  }
});

test("an answer that is not as GitHub says is found", () => {
  expect(judge("/orgs/acme/repos", [{ id: "1" }]).join("\n")).toContain("/0/id must be integer");
  expect(judge("/orgs/acme/gists", [])).toEqual(["GitHub has no /orgs/acme/gists"]);
});
