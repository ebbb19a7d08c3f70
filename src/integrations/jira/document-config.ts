// `JIRA_CONFIG` of the job guide: the parts of it that a job takes, and those that are the connection's.
import type { Secret } from "../../core/connection/secret.ts";
import { refusal } from "../../core/spec/parse-options.ts";

export interface JiraConfig {
  readonly base_url?: string;
  readonly email?: string;
  readonly api_token?: Secret;
  readonly projects?: readonly string[];
  readonly max_results?: number;
  readonly fields?: readonly string[];
}

/** Fields of an issue that become columns. */
export const issueFields = [
  "summary",
  "issuetype",
  "status",
  "priority",
  "assignee",
  "reporter",
  "parent",
  "labels",
  "resolution",
  "created",
  "updated",
  "resolutiondate",
  "project",
] as const;

/** @throws MillraceError `JOB_INVALID` for values that cannot be right */
export function readConfig(
  where: string,
  config: JiraConfig | undefined,
): { readonly projects: readonly string[] | undefined; readonly notices: readonly string[] } {
  if (config === undefined) return { projects: undefined, notices: [] };
  const { projects, max_results: most, fields = [] } = config;
  if (most !== undefined && (!Number.isInteger(most) || most < 1)) {
    throw refusal(where, ["config", "max_results"], "a positive integer", most);
  }
  const known: ReadonlySet<string> = new Set(issueFields);
  const others = fields.filter((name) => !known.has(name));
  return {
    projects,
    notices: [
      ...(most === undefined
        ? []
        : [
            "`max_results` of `JIRA_CONFIG` is not sent: a search gives 5,000 ids at once or 100 issues, so ids are listed first and issues fetched 100 at a time",
          ]),
      ...(fields.length === 0
        ? []
        : [
            "`fields` of `JIRA_CONFIG` are asked for with all others that columns are made of, and the points and sprints of each board",
          ]),
      ...(others.length === 0
        ? []
        : [`no column is made of the fields ${others.map((name) => `\`${name}\``).join(", ")} of \`JIRA_CONFIG\``]),
    ],
  };
}
