// Whose work is looked at. Put your own names here, and the tokens into the environment.
import { env as variables } from "node:process";
import { env, githubConnection, jiraConnection } from "millrace";
import { startLocalServers } from "./servers/local-servers.ts";

/** Login of the organisation on GitHub. */
const organization = "your-org";
const site = { baseUrl: "https://your-site.atlassian.net", email: "you@example.com" };
/** Keys of projects. */
const projects = ["PROJ1"];

const isReal = variables["GITHUB_TOKEN"] !== undefined && variables["JIRA_TOKEN"] !== undefined;
const local = isReal ? undefined : await startLocalServers();

/** Whether the organisation is the one out of a seed, on this machine. */
export const isLocal = local !== undefined;

export const accounts: { readonly organization: string; readonly projects: readonly string[] } =
  local === undefined ? { organization, projects } : { organization: local.owner, projects: local.projects };

export const connections = {
  github: githubConnection(local === undefined ? { token: env("GITHUB_TOKEN") } : local.github),
  jira: jiraConnection(local === undefined ? { ...site, token: env("JIRA_TOKEN") } : local.jira),
};
