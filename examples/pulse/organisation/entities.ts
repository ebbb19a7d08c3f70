// The rows of an organisation, in the columns of the datasets that the jobs of GitHub and Jira publish. Instants are texts in UTC;
// those of GitHub have whole seconds, those of Jira milliseconds.

export interface Repository {
  readonly id: number;
  readonly full_name: string;
  readonly owner: string;
  readonly name: string;
  readonly default_branch: string;
  readonly is_archived: boolean;
  readonly is_disabled: boolean;
  readonly is_private: boolean;
  readonly created_at: string;
  readonly pushed_at: string | null;
  readonly updated_at: string;
}

export interface PullRequest {
  readonly id: number;
  readonly repository_id: number;
  readonly number: number;
  readonly title: string;
  readonly state: "open" | "closed" | "merged";
  readonly is_draft: boolean;
  /** Null for an account that is gone. */
  readonly author: string | null;
  readonly author_type: "User" | "Bot" | null;
  readonly base_ref: string;
  readonly head_ref: string;
  readonly head_sha: string;
  readonly merge_commit_sha: string | null;
  readonly labels: readonly string[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly closed_at: string | null;
  readonly merged_at: string | null;
  readonly additions: number;
  readonly deletions: number;
  readonly changed_files: number;
  readonly commit_count: number;
  readonly merged_by: string | null;
}

export interface PullRequestCommit {
  readonly repository_id: number;
  readonly number: number;
  readonly sha: string;
  /** From 0, oldest first. */
  readonly position: number;
  readonly author: string | null;
  readonly authored_at: string;
  readonly committed_at: string;
  readonly message: string;
}

export type ReviewState = "APPROVED" | "CHANGES_REQUESTED" | "COMMENTED" | "DISMISSED" | "PENDING";

export interface Review {
  readonly id: number;
  readonly repository_id: number;
  readonly number: number;
  readonly reviewer: string | null;
  readonly reviewer_type: "User" | "Bot" | null;
  readonly state: ReviewState;
  /** Null for a review that is still being written. */
  readonly submitted_at: string | null;
  readonly commit_sha: string;
}

export interface PullRequestEvent {
  readonly id: number;
  readonly repository_id: number;
  readonly number: number;
  readonly event: "ready_for_review" | "reopened" | "head_ref_force_pushed" | "convert_to_draft";
  readonly actor: string | null;
  readonly created_at: string;
}

export interface Commit {
  readonly repository_id: number;
  readonly sha: string;
  readonly author: string | null;
  readonly authored_at: string;
  readonly committer: string | null;
  readonly committed_at: string;
  readonly message: string;
  readonly parents: readonly string[];
  /** It was on the branch once and a force push has taken it away. */
  readonly is_removed: boolean;
}

export interface Deployment {
  readonly id: number;
  readonly repository_id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly environment: string;
  readonly original_environment: string;
  readonly is_production: boolean;
  readonly is_transient: boolean;
  readonly creator: string | null;
  readonly created_at: string;
  readonly updated_at: string;
}

export type DeploymentState = "error" | "failure" | "inactive" | "pending" | "success" | "queued" | "in_progress";

export interface DeploymentStatus {
  readonly id: number;
  readonly repository_id: number;
  readonly deployment_id: number;
  readonly state: DeploymentState;
  readonly environment: string;
  readonly created_at: string;
}

export type Comparison = "ahead" | "behind" | "diverged" | "identical" | "baseline" | "unknown";

/** What a deployment brought; one without commits has one row with neither a sha nor, for a first one, a base. */
export interface DeploymentCommit {
  readonly repository_id: number;
  readonly deployment_id: number;
  readonly base_deployment_id: number | null;
  readonly base_sha: string | null;
  readonly head_sha: string;
  readonly comparison: Comparison;
  readonly sha: string | null;
  readonly position: number;
}

export interface Release {
  readonly id: number;
  readonly repository_id: number;
  readonly tag: string;
  readonly name: string;
  readonly target: string;
  readonly is_draft: boolean;
  readonly is_prerelease: boolean;
  readonly created_at: string;
  readonly published_at: string | null;
}

export interface WorkflowRun {
  readonly id: number;
  readonly repository_id: number;
  readonly name: string;
  readonly event: string;
  readonly status: "queued" | "in_progress" | "completed";
  readonly conclusion: "success" | "failure" | "cancelled" | null;
  readonly head_branch: string;
  readonly head_sha: string;
  readonly attempt: number;
  readonly created_at: string;
  readonly started_at: string;
  readonly updated_at: string;
}

export interface Project {
  readonly id: string;
  readonly key: string;
  readonly name: string;
  readonly style: "classic" | "next-gen";
  readonly lead: string | null;
}

export interface Status {
  readonly id: string;
  readonly name: string;
  readonly category_key: "new" | "indeterminate" | "done" | "undefined";
  readonly project_id: string | null;
  /** False for a status that only changelogs still name. */
  readonly is_current: boolean;
}

export interface Board {
  readonly id: number;
  readonly name: string;
  readonly type: "scrum" | "kanban" | "simple";
  readonly project_key: string;
  readonly columns: readonly { readonly name: string; readonly statusIds: readonly string[] }[];
  readonly estimation_field: string | null;
}

export interface Issue {
  readonly id: string;
  readonly key: string;
  readonly project_key: string;
  readonly summary: string;
  readonly type: string;
  readonly is_subtask: boolean;
  readonly status_id: string;
  readonly status_name: string;
  readonly status_category: Status["category_key"];
  readonly priority: string;
  readonly assignee: string | null;
  readonly reporter: string | null;
  readonly parent_id: string | null;
  readonly labels: readonly string[];
  readonly points: number | null;
  readonly sprint_ids: readonly string[];
  readonly resolution: string | null;
  readonly created_at: string;
  readonly updated_at: string;
  readonly resolved_at: string | null;
  readonly is_deleted: boolean;
}

export type ChangeField = "status" | "Sprint" | "points" | "resolution" | "assignee" | "Flagged" | "project" | "Key";

export interface Change {
  /** The history's id, `-` and the place of the item in it. */
  readonly id: string;
  readonly issue_id: string;
  readonly created_at: string;
  readonly author: string | null;
  readonly field: ChangeField;
  readonly from_value: string | null;
  readonly from_text: string | null;
  readonly to_value: string | null;
  readonly to_text: string | null;
}

export interface Sprint {
  readonly id: number;
  readonly board_id: number;
  readonly name: string;
  readonly state: "future" | "active" | "closed";
  readonly goal: string | null;
  readonly start_at: string | null;
  readonly end_at: string | null;
  readonly complete_at: string | null;
}

export interface User {
  readonly account_id: string;
  readonly display_name: string;
  readonly is_active: boolean;
  readonly kind: "atlassian" | "app" | "customer";
}

/** Each name is that of the dataset without its prefix. */
export interface GithubEntities {
  readonly repositories: readonly Repository[];
  readonly pull_requests: readonly PullRequest[];
  readonly pull_request_commits: readonly PullRequestCommit[];
  readonly reviews: readonly Review[];
  readonly pull_request_events: readonly PullRequestEvent[];
  readonly commits: readonly Commit[];
  readonly deployments: readonly Deployment[];
  readonly deployment_statuses: readonly DeploymentStatus[];
  readonly deployment_commits: readonly DeploymentCommit[];
  readonly releases: readonly Release[];
  readonly workflow_runs: readonly WorkflowRun[];
}

/** Each name is that of the dataset without its prefix. */
export interface JiraEntities {
  readonly projects: readonly Project[];
  readonly statuses: readonly Status[];
  readonly boards: readonly Board[];
  readonly issues: readonly Issue[];
  readonly changes: readonly Change[];
  readonly sprints: readonly Sprint[];
  readonly users: readonly User[];
}
