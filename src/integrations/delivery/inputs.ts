// The datasets that figures are made of, in the types that the statements expect. One that nobody has collected is a table without
// rows, so that what depends on it is unknown and not an error.

/** Columns by the name of a dataset without its prefix; exactly those that figures are made of. */
const githubColumns = {
  repositories: { id: "BIGINT", full_name: "VARCHAR" },
  pull_requests: {
    repository_id: "BIGINT",
    number: "BIGINT",
    title: "VARCHAR",
    state: "VARCHAR",
    is_draft: "BOOLEAN",
    author: "VARCHAR",
    author_type: "VARCHAR",
    head_ref: "VARCHAR",
    merge_commit_sha: "VARCHAR",
    labels: "VARCHAR[]",
    created_at: "TIMESTAMPTZ",
    updated_at: "TIMESTAMPTZ",
    closed_at: "TIMESTAMPTZ",
    merged_at: "TIMESTAMPTZ",
    additions: "BIGINT",
    deletions: "BIGINT",
    changed_files: "BIGINT",
    commit_count: "BIGINT",
    merged_by: "VARCHAR",
  },
  pull_request_commits: { repository_id: "BIGINT", number: "BIGINT", sha: "VARCHAR", authored_at: "TIMESTAMPTZ" },
  reviews: {
    repository_id: "BIGINT",
    number: "BIGINT",
    reviewer: "VARCHAR",
    reviewer_type: "VARCHAR",
    state: "VARCHAR",
    submitted_at: "TIMESTAMPTZ",
  },
  pull_request_events: { repository_id: "BIGINT", number: "BIGINT", event: "VARCHAR", created_at: "TIMESTAMPTZ" },
  commits: {
    repository_id: "BIGINT",
    sha: "VARCHAR",
    author: "VARCHAR",
    authored_at: "TIMESTAMPTZ",
    committed_at: "TIMESTAMPTZ",
    message: "VARCHAR",
    parents: "VARCHAR[]",
    is_removed: "BOOLEAN",
  },
  deployments: {
    id: "BIGINT",
    repository_id: "BIGINT",
    sha: "VARCHAR",
    ref: "VARCHAR",
    environment: "VARCHAR",
    created_at: "TIMESTAMPTZ",
  },
  deployment_statuses: {
    repository_id: "BIGINT",
    deployment_id: "BIGINT",
    state: "VARCHAR",
    created_at: "TIMESTAMPTZ",
  },
  deployment_commits: {
    repository_id: "BIGINT",
    deployment_id: "BIGINT",
    base_sha: "VARCHAR",
    comparison: "VARCHAR",
    sha: "VARCHAR",
  },
} as const;

const jiraColumns = {
  statuses: { id: "VARCHAR", name: "VARCHAR", category_key: "VARCHAR", is_current: "BOOLEAN" },
  workflow_mapping: {
    project_key: "VARCHAR",
    status_id: "VARCHAR",
    category: "VARCHAR",
    is_category_said: "BOOLEAN",
    is_waiting: "BOOLEAN",
    is_waiting_said: "BOOLEAN",
  },
  boards: { id: "BIGINT", project_key: "VARCHAR", columns: "VARCHAR" },
  issues: {
    id: "VARCHAR",
    key: "VARCHAR",
    project_key: "VARCHAR",
    summary: "VARCHAR",
    type: "VARCHAR",
    is_subtask: "BOOLEAN",
    status_id: "VARCHAR",
    labels: "VARCHAR[]",
    points: "DOUBLE",
    sprint_ids: "VARCHAR[]",
    created_at: "TIMESTAMPTZ",
    updated_at: "TIMESTAMPTZ",
    resolved_at: "TIMESTAMPTZ",
    is_deleted: "BOOLEAN",
  },
  changes: {
    id: "VARCHAR",
    issue_id: "VARCHAR",
    created_at: "TIMESTAMPTZ",
    field: "VARCHAR",
    from_value: "VARCHAR",
    from_text: "VARCHAR",
    to_value: "VARCHAR",
    to_text: "VARCHAR",
  },
  sprints: {
    id: "BIGINT",
    board_id: "BIGINT",
    name: "VARCHAR",
    state: "VARCHAR",
    start_at: "TIMESTAMPTZ",
    end_at: "TIMESTAMPTZ",
    complete_at: "TIMESTAMPTZ",
  },
} as const;

export type GithubInput = keyof typeof githubColumns;
export type JiraInput = keyof typeof jiraColumns;

export interface InputPrefixes {
  readonly github: string;
  readonly jira: string;
}

/** A table that statements read: its name there, the dataset, and its columns. */
export interface InputTable {
  readonly name: string;
  readonly dataset: string;
  readonly columns: Readonly<Record<string, string>>;
}

export function githubTables({ github }: InputPrefixes, names: readonly GithubInput[]): readonly InputTable[] {
  return names.map((name) => ({ name, dataset: `${github}${name}`, columns: githubColumns[name] }));
}

/** Names of tables of Jira begin with `jira_` in statements, whatever the prefix of the datasets is. */
export function jiraTables({ jira }: InputPrefixes, names: readonly JiraInput[]): readonly InputTable[] {
  return names.map((name) => ({ name: `jira_${name}`, dataset: `${jira}${name}`, columns: jiraColumns[name] }));
}

/**
 * Common table expressions, one for each table, each with its columns in their types.
 * @param known datasets that there are
 * @param where a condition for a table, by its name in statements
 */
export function toTableExpressions(
  tables: readonly InputTable[],
  known: ReadonlySet<string>,
  where: Readonly<Record<string, string>> = {},
): readonly string[] {
  return tables.map(({ name, dataset, columns }) => {
    // an alias of the table lets a table expression have the name of the dataset
    const isKnown = known.has(dataset);
    const list = Object.entries(columns)
      .map(([column, type]) => `cast(${isKnown ? `"${column}"` : "null"} as ${type}) as "${column}"`)
      .join(", ");
    if (!isKnown) return `"${name}" as (select ${list} where false)`;
    const condition = where[name];
    return `"${name}" as (select ${list} from "${dataset}"${condition === undefined ? "" : ` where ${condition}`})`;
  });
}
