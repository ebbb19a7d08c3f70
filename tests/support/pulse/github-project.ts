// A project that collects a local GitHub, for tests of what becomes of its datasets.
import { type GithubEntities } from "../../../examples/pulse/organisation/entities.ts";
import { createOrganisation } from "../../../examples/pulse/organisation/create-organisation.ts";
import { GithubServer, type GithubServerOptions } from "../../../examples/pulse/servers/github/github-server.ts";
import { githubConnection, type GithubConnectionOptions } from "../../../src/integrations/github/client.ts";
import { githubJob } from "../../../src/integrations/github/job.ts";
import type { GithubJobOptions } from "../../../src/integrations/github/options.ts";
import {
  createTestProject,
  type TestProject,
  type TestRow,
  type TestRun,
  type TestRunOptions,
} from "../../../src/testing.ts";

export interface GithubProjectOptions {
  readonly rows?: GithubEntities;
  readonly server?: Omit<GithubServerOptions, "rows">;
  readonly connection?: Partial<GithubConnectionOptions>;
}

/** Small, with every kind of repository that an organisation has. */
export function smallOrganisation(): GithubEntities {
  return createOrganisation({ repositories: 8, pullRequests: 60, deployments: 40, issues: 60, sprints: 4 }).github;
}

const nothing: GithubEntities = {
  repositories: [],
  pull_requests: [],
  pull_request_commits: [],
  reviews: [],
  pull_request_events: [],
  commits: [],
  deployments: [],
  deployment_statuses: [],
  deployment_commits: [],
  releases: [],
  workflow_runs: [],
};

/** An organisation with what is given, and else with nothing. */
export function toRows(given: Partial<GithubEntities>): GithubEntities {
  return { ...nothing, ...given };
}

export class GithubProject implements AsyncDisposable {
  readonly server: GithubServer;
  readonly project: TestProject;

  private constructor(server: GithubServer, project: TestProject) {
    this.server = server;
    this.project = project;
  }

  static async start({ rows, server: options, connection }: GithubProjectOptions = {}): Promise<GithubProject> {
    // the server goes by the clock of the project
    const clock: { project?: TestProject } = {};
    const now = (): number => clock.project?.now.getTime() ?? Date.now();
    const server = await GithubServer.start({ rows: rows ?? smallOrganisation(), now, ...options });
    const credentials = connection?.app === undefined ? { token: "ghp_test" } : {};
    const github = githubConnection({ baseUrl: server.baseUrl, limits: {}, ...credentials, ...connection });
    clock.project = await createTestProject({ connections: { github } });
    return new GithubProject(server, clock.project);
  }

  /** One run of the whole pipeline, which begins a list of requests anew. */
  async sync(options: Partial<GithubJobOptions> = {}, run: TestRunOptions = {}): Promise<TestRun> {
    this.server.forgetExchanges();
    return await this.project.run(githubJob({ organization: "acme", ...options }), { onFailure: "return", ...run });
  }

  /** Rows of a dataset, whose name is given without the prefix; columns as texts, in a fixed order. */
  async rows(dataset: string, columns = "*"): Promise<readonly TestRow[]> {
    const name = `github_${dataset}`;
    return await this.project.query(`select ${columns} from ${name} order by all`, [name]);
  }

  /** Paths that were asked for, without their query, as `GET /repos/acme/x/pulls 200`. */
  get asked(): readonly string[] {
    return this.server.exchanges.map(({ method, path, status }) => `${method} ${path.split("?")[0] ?? ""} ${status}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.project[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}
