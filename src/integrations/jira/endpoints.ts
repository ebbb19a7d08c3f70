// Where the streams are asked for: the addresses of Jira Cloud and of Data Center, or those of `JIRA_ENDPOINTS` where they still exist.
import { refusal } from "../../core/spec/parse-options.ts";

/** `JIRA_ENDPOINTS`: paths, with `{board_id}` in that of sprints. */
export interface JiraEndpoints {
  readonly projects?: string;
  readonly issues?: string;
  readonly sprints?: string;
  readonly workflows?: string;
  readonly users?: string;
}

export type JiraDeployment = "cloud" | "datacenter";

export type JiraAddresses = Readonly<Record<keyof (typeof addresses)["cloud"], string>>;

const documented = ["projects", "issues", "sprints", "workflows", "users"] satisfies (keyof JiraEndpoints)[];

const addresses = {
  cloud: {
    server: "/rest/api/3/serverInfo",
    projects: "/rest/api/3/project/search",
    fields: "/rest/api/3/field",
    statuses: "/rest/api/3/status",
    projectStatuses: "/rest/api/3/project/{{project.key}}/statuses",
    search: "/rest/api/3/search/jql",
    issues: "/rest/api/3/issue/bulkfetch",
    changes: "/rest/api/3/changelog/bulkfetch",
    users: "/rest/api/3/users/search",
    workflows: "/rest/api/3/workflows/search",
    boards: "/rest/agile/1.0/board",
    configuration: "/rest/agile/1.0/board/{{board.id}}/configuration",
    sprints: "/rest/agile/1.0/board/{{board.id}}/sprint",
  },
  datacenter: {
    server: "/rest/api/2/serverInfo",
    projects: "/rest/api/2/project",
    fields: "/rest/api/2/field",
    statuses: "/rest/api/2/status",
    projectStatuses: "/rest/api/2/project/{{project.key}}/statuses",
    search: "/rest/api/2/search",
    issues: "/rest/api/2/search",
    changes: "/rest/api/2/search",
    users: "/rest/api/2/user/search",
    workflows: "/rest/api/2/workflow",
    boards: "/rest/agile/1.0/board",
    configuration: "/rest/agile/1.0/board/{{board.id}}/configuration",
    sprints: "/rest/agile/1.0/board/{{board.id}}/sprint",
  },
} as const;

/**
 * The addresses of a deployment. What `JIRA_ENDPOINTS` has is taken where Jira still has it.
 * @throws MillraceError `JOB_INVALID` for an endpoint that nothing reads
 */
export function readEndpoints(
  where: string,
  given: JiraEndpoints = {},
  deployment: JiraDeployment,
): { readonly addresses: JiraAddresses; readonly notices: readonly string[] } {
  const own: Record<string, string> = { ...addresses[deployment] };
  const notices: string[] = [];
  for (const [name, path] of Object.entries(given)) {
    if (!(documented as readonly string[]).includes(name)) {
      throw refusal(where, ["endpoints", name], `one of ${documented.join(", ")}`, name);
    }
    if (typeof path !== "string" || !path.startsWith("/")) {
      throw refusal(where, ["endpoints", name], "a path that begins with `/`", path);
    }
    const gone = deployment === "cloud" ? removed[path] : undefined;
    const wanted = path.replaceAll("{board_id}", "{{board.id}}");
    if (gone !== undefined) notices.push(`\`${name}\` of \`JIRA_ENDPOINTS\`, \`${path}\`, ${gone}`);
    else if (deployment === "datacenter" && path.startsWith("/rest/api/3/")) {
      notices.push(
        `\`${name}\` of \`JIRA_ENDPOINTS\`, \`${path}\`, is of Jira Cloud: \`${own[name] ?? ""}\` is asked in its place`,
      );
    } else own[name] = wanted;
  }
  return { addresses: own as JiraAddresses, notices };
}

/** Addresses that answer 410, or are about to, with what is asked in their place. */
const removed: Readonly<Record<string, string>> = {
  "/rest/api/3/search":
    "was removed in 2025 (CHANGE-2046): ids come from `/rest/api/3/search/jql`, issues from `/rest/api/3/issue/bulkfetch`, histories from `/rest/api/3/changelog/bulkfetch`",
  "/rest/api/3/workflow":
    "is gone (CHANGE-2569): `/rest/api/3/workflows/search` is asked, and the statuses of each project where the account does not administer Jira",
  "/rest/api/3/workflow/search":
    "is gone (CHANGE-2569): `/rest/api/3/workflows/search` is asked, and the statuses of each project where the account does not administer Jira",
  "/rest/api/3/project":
    "gives all projects at once without their pages: `/rest/api/3/project/search` is asked in its place",
};
