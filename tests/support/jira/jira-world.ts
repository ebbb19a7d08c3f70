// A Jira on this machine and a project that collects it, on one clock that stands still until a test moves it.
import { JiraServer, type JiraServerOptions } from "../../../examples/pulse/servers/jira/jira-server.ts";
import type { JiraEntities } from "../../../examples/pulse/organisation/entities.ts";
import type { JobPipeline } from "../../../src/core/job/pipeline.ts";
import { jiraConnection } from "../../../src/integrations/jira/client.ts";
import { jiraJob } from "../../../src/integrations/jira/job.ts";
import type { JiraJobOptions } from "../../../src/integrations/jira/options.ts";
import { createTestProject, type TestProject, type TestRow, type TestRun } from "../../../src/testing.ts";

const email = "collector@example.com";
const token = "a-token-of-this-test";

export interface JiraWorld extends AsyncDisposable {
  readonly server: JiraServer;
  readonly project: TestProject;
  /** One run of the whole pipeline, with the requests that it sent. */
  collect(): Promise<{ readonly run: TestRun; readonly lines: readonly string[] }>;
  /** All rows of a dataset, in the order of its first column. */
  rows(dataset: string): Promise<readonly TestRow[]>;
  /** Moves the clock of the project and of the server. */
  pass(ms: number): void;
}

export interface JiraWorldOptions extends JiraServerOptions {
  readonly job?: JiraJobOptions;
  /** The token that the project has. Default: the one that the server wants. */
  readonly given?: string;
  /** Requests under way at once. */
  readonly concurrency?: number;
}

export async function openJiraWorld(
  data: JiraEntities,
  { job = {}, given = token, concurrency = 8, ...options }: JiraWorldOptions = {},
): Promise<JiraWorld> {
  const startedAtMs = Date.now();
  let now = (): number => startedAtMs;
  const server = await JiraServer.start(data, { email, token, now: () => now(), keepsAlive: false, ...options });
  const account = options.deployment === "datacenter" ? {} : { email };
  const jira = jiraConnection({ baseUrl: server.url, token: given, limits: { concurrency }, ...account });
  const project = await createTestProject({ connections: { jira }, now: startedAtMs });
  now = () => project.now.getTime();
  const pipeline: JobPipeline<string> = jiraJob({ deployment: options.deployment ?? "cloud", ...job });
  return {
    server,
    project,
    collect: async () => {
      const from = server.lines.length;
      const run = await project.run(pipeline, { onFailure: "return" });
      return { run, lines: server.lines.slice(from) };
    },
    rows: async (dataset) => await project.query(`select * from ${dataset} order by 1`, [dataset]),
    pass: (ms) => project.skipTo(project.now.getTime() + ms),
    [Symbol.asyncDispose]: async () => {
      await project[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;
