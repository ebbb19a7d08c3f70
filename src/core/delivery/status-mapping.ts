// What people say of the statuses of a project: names and shapes that the job which keeps it and the routes which show it share.

/** The job that makes the dataset of this name: what each status of each project means. */
export const statusMappingName = "jira_workflow_mapping";

/** What people have said, every version of it. */
export const statusEditsName = "jira_workflow_edits";

/** What a status means; `undefined` where nobody knows. */
export type StatusMeaning = (typeof statusMeanings)[number];

export const statusMeanings = ["new", "indeterminate", "done", "undefined"] as const;

/** What somebody says of one status. Null takes back what was said: then Jira and the name of the status decide. */
export interface StatusSaying {
  readonly status_id: string;
  readonly category: StatusMeaning | null;
  /** Whether nobody works on an issue in it. */
  readonly is_waiting: boolean | null;
}

/** A change of the workflow of one project: a param of the job. */
export interface StatusEdit {
  readonly project_key: string;
  /** That the project has afterwards: one more than whoever changes it has seen. */
  readonly version: number;
  readonly statuses: readonly StatusSaying[];
  readonly edited_by: string;
  /** ISO 8601 with a time zone. */
  readonly edited_at: string;
  readonly reason?: string | undefined;
}
