// What statuses mean in each project: what Jira says, and what people have said of them. Each change is a version, and all are kept.
import type { StatusMeaning, StatusSaying } from "../../core/delivery/status-mapping.ts";
import type { Instant, RunIdText } from "../page.ts";

/** Of one project. */
export interface WorkflowSummary {
  readonly project_key: string;
  /** 0 while nobody has said anything. */
  readonly version: number;
  readonly statuses: number;
  readonly waiting: number;
  /** Statuses of which nobody knows what they mean. */
  readonly unknown: number;
  readonly edited_by: string | null;
  readonly edited_at: Instant | null;
}

export interface WorkflowPath {
  readonly project_key: string;
}

export interface Workflow {
  readonly project_key: string;
  readonly version: number;
  /** Those that issues can have first, then by name; at most 1,000. */
  readonly statuses: readonly WorkflowStatus[];
  /** What was said, newest first; at most 200 versions. */
  readonly edits: readonly WorkflowEdit[];
  /** When the mapping was made last: an edit counts from then on. */
  readonly computed_at: Instant | null;
}

export interface WorkflowStatus {
  readonly status_id: string;
  /** In the language of the account; null where nothing names it. */
  readonly name: string | null;
  /** Types of issues that can have it; none where only histories name it. */
  readonly types: readonly string[];
  readonly is_current: boolean;
  readonly jira_category: StatusMeaning;
  /** That counts. */
  readonly category: StatusMeaning;
  readonly is_category_said: boolean;
  /** Whether nobody works on an issue in it. */
  readonly is_waiting: boolean;
  /** Else its name decides. */
  readonly is_waiting_said: boolean;
  readonly edited_by: string | null;
  readonly edited_at: Instant | null;
}

export interface WorkflowEdit {
  readonly version: number;
  readonly edited_by: string;
  readonly edited_at: Instant;
  readonly reason: string | null;
  readonly statuses: readonly StatusSaying[];
}

export interface PutWorkflow {
  /** That the caller has seen: a change of another one is refused. */
  readonly version: number;
  readonly statuses: readonly StatusSaying[];
  readonly reason?: string;
}

export interface PutWorkflowResult {
  /** That the workflow has when the run has ended. */
  readonly version: number;
  /** The run that does it. */
  readonly run_id: RunIdText;
}
