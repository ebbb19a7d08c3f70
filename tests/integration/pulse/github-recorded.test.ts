// Real answers of GitHub, recorded from a public repository: every row of them is read, whatever fields it lacks.
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { githubConnection } from "../../../src/integrations/github/client.ts";
import { githubJob } from "../../../src/integrations/github/job.ts";
import { createTestProject, type TestProject } from "../../../src/testing.ts";
import { PageServer } from "../../support/data/page-server.ts";
import { repository } from "../../support/pulse/github-rows.ts";
import { toRepositoryJson } from "../../../examples/pulse/servers/github/github-json.ts";

const folder = resolve(import.meta.dirname, "../../../../shared/recorded/github");

interface Recorded {
  readonly input: { readonly Number?: number } | null;
  readonly data: Readonly<Record<string, unknown>>;
}

function read(name: string): readonly Recorded[] {
  const lines = readFileSync(join(folder, `${name}.ndjson`), "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as Recorded);
}

let server: PageServer;
let project: TestProject;
beforeEach(async () => {
  if (!existsSync(folder)) return;
  server = await PageServer.start(({ path }) => answer(path));
  const github = githubConnection({ baseUrl: server.url(""), token: "x", limits: {} });
  project = await createTestProject({ connections: { github } });
});
afterEach(async () => {
  if (!existsSync(folder)) return;
  await project[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function answer(path: string): { readonly status?: number; readonly body: unknown } {
  const [, number, rest = ""] = /\/pulls\/(\d+)(?:\/(\w+))?/.exec(path) ?? [];
  const ofPull = (name: string): unknown =>
    read(name)
      .filter(({ input }) => input?.Number === Number(number))
      .map(({ data }) => data);
  if (path.startsWith("/orgs/")) return { body: [toRepositoryJson(repository(1, { name: "ants" }))] };
  if (rest === "reviews") return { body: ofPull("pull_request_reviews") };
  if (rest === "commits") return { body: ofPull("pull_request_commits") };
  const pulls = read("pull_requests").map(({ data }) => data);
  if (number !== undefined) return { body: pulls.find((one) => one["number"] === Number(number)) };
  if (path.includes("/pulls")) return { body: pulls };
  if (path.includes("/issues/events")) return { body: read("events").map(({ data }) => data) };
  if (path.includes("/actions/runs")) return { body: { workflow_runs: read("runs").map(({ data }) => data) } };
  return { status: 404, body: { message: "Not Found" } };
}

test.skipIf(!existsSync(folder))("recorded answers become rows (skipped where they are not there)", async () => {
  const streams = ["pull_request_commits", "reviews", "events", "workflow_runs"] as const;
  const run = await project.run(githubJob({ organization: "acme", streams }), { onFailure: "return" });
  expect(run.error).toBeUndefined();
  const count = async (dataset: string, sql = "count(*)::integer as n"): Promise<unknown> =>
    await project.query(`select ${sql} from ${dataset}`, [dataset]);
  const states = `count(*) filter (state = 'merged')::integer as merged, count(*) filter (state = 'closed')::integer as closed,
    count(*) filter (state = 'open')::integer as open, count(head_sha)::integer as heads`;
  // one pull request and one review were recorded twice
  expect(await count("github_pull_requests", states)).toEqual([{ merged: 26, closed: 19, open: 4, heads: 49 }]);
  expect(await count("github_reviews")).toEqual([{ n: 30 }]);
  expect(await count("github_pull_request_events")).toEqual([{ n: 7 }]);
  expect(await count("github_workflow_runs")).toEqual([{ n: 35 }]);
  const closed = new Set(
    read("pull_requests")
      .filter(({ data }) => data["state"] === "closed" && data["merged_at"] === null)
      .map(({ data }) => data["number"]),
  );
  const commits = read("pull_request_commits").filter(({ input }) => !closed.has(input?.Number));
  const distinct = new Set(commits.map(({ input, data }) => `${input?.Number} ${String(data["sha"])}`));
  expect(await count("github_pull_request_commit_items")).toEqual([{ n: distinct.size }]);
  expect(run.warnings).toEqual([]);
});
