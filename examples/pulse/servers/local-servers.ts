// A GitHub and a Jira on this machine, which serve an organisation out of a seed. While it is first collected they fail three times, as
// the real ones do now and then.
import type { GithubConnectionOptions, JiraConnectionOptions, ServiceRule } from "millrace";
import { organisation } from "../organisation/organisation.ts";
import { GithubServer, type TroubleMaker } from "./github/github-server.ts";
import { JiraServer, type JiraScript } from "./jira/jira-server.ts";

export interface LocalServers {
  readonly owner: string;
  /** Keys of projects of Jira. */
  readonly projects: readonly string[];
  /** Those that are not simply one repository each. */
  readonly services: readonly ServiceRule[];
  readonly github: GithubConnectionOptions;
  readonly jira: JiraConnectionOptions;
}

const token = "local-token";
const email = "you@example.com";

export async function startLocalServers(): Promise<LocalServers> {
  const { owner, github, jira, truth } = organisation;
  const githubServer = await GithubServer.start({ rows: github, tokens: [token], limit: "off" });
  const jiraServer = await JiraServer.start(jira, { token, email });
  githubServer.trouble = outagesOfGithub();
  jiraServer.script = outageOfJira;
  // a command ends although they still listen
  githubServer.unref();
  jiraServer.unref();
  return {
    owner,
    projects: jira.projects.map(({ key }) => key),
    services: truth.services,
    github: { baseUrl: githubServer.baseUrl, token, limits: { points: { count: 100_000, per: "1m" } } },
    jira: { baseUrl: jiraServer.url, token, email },
  };
}

/** Answers with 503 for a while, then a pause for everybody, then an answer that ends in its middle. */
function outagesOfGithub(): TroubleMaker {
  return (_path, { length: asked }) => {
    if (asked >= 500 && asked < 520) return { status: 503, message: "no server is available" };
    if (asked === 2_000)
      return {
        status: 403,
        message: "You have exceeded a secondary rate limit",
        pauseMs: 2_000,
        headers: { "retry-after": "2" },
      };
    return asked === 4_000 ? { isCut: true } : undefined;
  };
}

const outageOfJira: JiraScript = (_request, number) =>
  number === 40 ? { status: 429, headers: { "retry-after": "1", "ratelimit-reason": "jira-burst-based" } } : undefined;
