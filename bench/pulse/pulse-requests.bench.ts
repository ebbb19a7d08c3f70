// What collecting an organisation costs the services: requests of a first sync beside the least that there could be, those of a run that
// finds nothing new, and those that come although the service has said to wait.
import { createOrganisation } from "../../examples/pulse/organisation/create-organisation.ts";
import { GithubServer } from "../../examples/pulse/servers/github/github-server.ts";
import { JiraServer } from "../../examples/pulse/servers/jira/jira-server.ts";
import { githubConnection, githubJob, type JobPipeline, jiraConnection, jiraJob } from "../../src/index.ts";
import { createTestProject, type TestProject } from "../../src/testing.ts";
import type { Bench, Measure } from "../harness/bench.ts";
import { leastOfGithub, leastOfJira } from "./least-requests.ts";

const token = "a-token";
const email = "somebody@example.com";
const organisation = createOrganisation();
const atMs = Date.parse(organisation.untilAt) + 30 * 86_400_000;
/** The organisation whose services say to wait; smaller, since it is collected in many runs. */
const small = createOrganisation({ repositories: 12, pullRequests: 60, deployments: 30, issues: 600, sprints: 6 });

export const bench: Bench = {
  name: "pulse-requests",
  description: "requests to GitHub and Jira, beside the least that there could be; every figure is a count and no time",
  async run() {
    return [
      ...(await countGithub()),
      ...(await countJira()),
      await countWhileBlocked("GitHub", blockGithub),
      await countWhileBlocked("Jira", blockJira),
    ];
  },
};

async function countGithub(): Promise<readonly Measure[]> {
  const { github, owner } = organisation;
  await using server = await GithubServer.start({ rows: github, tokens: [token], now: () => atMs, limit: "off" });
  const connection = githubConnection({ baseUrl: server.baseUrl, token, limits: lively });
  await using project = await createTestProject({ connections: { github: connection }, now: atMs });
  const sync = async (): Promise<number> => {
    server.forgetExchanges();
    await project.run(githubJob({ organization: owner }));
    return server.exchanges.length;
  };
  const first = await sync();
  // the list is asked for in another order from the second run on
  await sync();
  const idle = await sync();
  const units = github.repositories.filter((one) => !one.is_archived && !one.is_disabled).length;
  return [
    countOf("GitHub, first sync", first, "least", leastOfGithub(github), 1.1),
    countOf("GitHub, idle sync without the list of repositories", idle - 1, "repositories", units, 1),
  ];
}

async function countJira(): Promise<readonly Measure[]> {
  const { jira } = organisation;
  await using server = await JiraServer.start(jira, { email, token, now: () => atMs });
  const connection = jiraConnection({ baseUrl: server.url, email, token, limits: { concurrency: 8 } });
  await using project = await createTestProject({ connections: { jira: connection }, now: atMs });
  const sync = async (): Promise<number> => {
    const before = server.exchanges.length;
    await project.run(jiraJob({ deployment: "cloud" }));
    return server.exchanges.length - before;
  };
  const first = await sync();
  project.skipTo(project.now.getTime() + 60_000);
  await sync();
  project.skipTo(project.now.getTime() + 60_000);
  const idle = await sync();
  return [
    countOf("Jira, first sync", first, "least", leastOfJira(jira), 1.1),
    countOf(
      "Jira, idle sync without the lists of projects and statuses",
      idle - 2,
      "projects",
      jira.projects.length,
      1,
    ),
  ];
}

/** Sends nothing but what is refused, and counts it. */
type Blocked = (concurrency: number) => Promise<{ readonly blocks: number; readonly late: number }>;

/**
 * With requests under way at once, those that were sent before the answer came are no fault of who sent them: of each pause as many may
 * come as there were beside the one that was refused. With one at a time there is none of them, and every one counts.
 */
async function countWhileBlocked(service: string, block: Blocked): Promise<Measure> {
  const concurrency = 8;
  const [alone, together] = [await block(1), await block(concurrency)];
  const excess = Math.max(0, together.late - together.blocks * (concurrency - 1));
  return {
    name: `${service}, sent while the credential is blocked, in ${alone.blocks + together.blocks} pauses`,
    unit: "requests",
    ours: [alone.late + excess],
    peer: { name: "under way when the pause began", values: [Math.max(1, together.late)] },
    target: { kind: "value", atMost: 0 },
  };
}

/** Jira gives so much at once that it is hardly asked. */
const everyNth = { github: 40, jira: 10 };
const pauseSeconds = 300;

async function blockGithub(concurrency: number): Promise<{ readonly blocks: number; readonly late: number }> {
  const clock: { project?: TestProject } = {};
  const now = (): number => clock.project?.now.getTime() ?? atMs;
  await using server = await GithubServer.start({ rows: small.github, tokens: [token], now, limit: "off" });
  const limits = { ...lively, concurrency };
  const connection = githubConnection({ baseUrl: server.baseUrl, token, limits });
  await using project = await createTestProject({ connections: { github: connection }, now: atMs });
  clock.project = project;
  let blocks = 0;
  server.trouble = (_path, { length: asked }) => {
    if (asked === 0 || asked % everyNth.github !== 0) return undefined;
    blocks += 1;
    const pause = { pauseMs: pauseSeconds * 1_000, headers: { "retry-after": String(pauseSeconds) } };
    return { status: 403, message: "You have exceeded a secondary rate limit", ...pause };
  };
  await runOften(project, githubJob({ organization: small.owner }));
  return { blocks, late: server.exchanges.filter(({ wasBlocked }) => wasBlocked).length };
}

async function blockJira(concurrency: number): Promise<{ readonly blocks: number; readonly late: number }> {
  const clock: { project?: TestProject } = {};
  const now = (): number => clock.project?.now.getTime() ?? atMs;
  await using server = await JiraServer.start(small.jira, { email, token, now });
  const connection = jiraConnection({ baseUrl: server.url, email, token, limits: { concurrency } });
  await using project = await createTestProject({ connections: { jira: connection }, now: atMs });
  clock.project = project;
  let blocks = 0;
  server.script = (_request, number) => {
    if (number % everyNth.jira !== 0) return undefined;
    blocks += 1;
    server.block({ reason: "jira-quota-tenant-based", seconds: pauseSeconds });
    return undefined;
  };
  await runOften(project, jiraJob({ deployment: "cloud" }));
  return { blocks, late: server.sentWhileBlocked };
}

/** What a pause left is read by the next run. */
async function runOften(project: TestProject, job: JobPipeline<string>): Promise<void> {
  for (let runs = 0; runs < 20; runs += 1) {
    const run = await project.run(job, { onFailure: "return" });
    if (run.error === undefined && run.reason !== "partial") return;
    project.skipTo(project.now.getTime() + pauseSeconds * 1_000);
  }
  throw new Error("expected a run that reads what the pauses left");
}

/** As fast as the machine, so that no pace of ours is what is measured. */
const lively = { points: { count: 1_000_000, per: "1m" } } as const;

function countOf(name: string, ours: number, beside: string, count: number, atMost: number): Measure {
  return {
    name,
    unit: "requests",
    ours: [ours],
    peer: { name: beside, values: [count] },
    target: { kind: "ratio", atMost },
  };
}
