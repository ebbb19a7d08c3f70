// Whose work is looked at. Put your own names here, and the tokens into the environment.
import { env as variables } from "node:process";
import { env, githubConnection, jiraConnection, type ServiceRule } from "millrace";

/** Login of the organisation on GitHub. */
const organization: string = "your-org";
const site = { baseUrl: "https://your-site.atlassian.net", email: "you@example.com" };
/** Keys of projects. */
const projects = ["PROJ1"];
/** What is deployed as one: `{ name: "checkout", repositories: ["your-org/checkout-api", "your-org/checkout-web"] }`. */
const services: readonly ServiceRule[] = [];

const isReal = variables["GITHUB_TOKEN"] !== undefined && variables["JIRA_TOKEN"] !== undefined;
if (isReal && organization === "your-org")
  throw new Error("GITHUB_TOKEN and JIRA_TOKEN are set: put your own names into `accounts.ts`, or unset the tokens");
// read only when it is needed: a whole organisation is made there
const local = isReal ? undefined : await (await import("./servers/local-servers.ts")).startLocalServers();

/** Whether the organisation is the one out of a seed, on this machine. */
export const isLocal = local !== undefined;

export interface Accounts {
  readonly organization: string;
  readonly projects: readonly string[];
  readonly services: readonly ServiceRule[];
}

export const accounts: Accounts =
  local === undefined
    ? { organization, projects, services }
    : { organization: local.owner, projects: local.projects, services: local.services };

export const connections = {
  github: githubConnection(local === undefined ? { token: env("GITHUB_TOKEN") } : local.github),
  jira: jiraConnection(local === undefined ? { ...site, token: env("JIRA_TOKEN") } : local.jira),
};
