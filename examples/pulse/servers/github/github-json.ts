// Rows as GitHub writes them, in the fields of its answers. What a row has not, such as the fork of a branch that is gone, is null.
import type {
  Commit,
  Deployment,
  DeploymentStatus,
  PullRequest,
  PullRequestCommit,
  PullRequestEvent,
  Release,
  Repository,
  Review,
  WorkflowRun,
} from "../../organisation/entities.ts";

export type Json = Readonly<Record<string, unknown>>;

function toUser(login: string | null, type: string | null = "User"): Json | null {
  if (login === null) return null;
  const id = Array.from(login).reduce((sum, letter) => (sum * 31 + (letter.codePointAt(0) ?? 0)) % 1_000_000, 7);
  return {
    login,
    id,
    node_id: `U_${id}`,
    type: type ?? "User",
    site_admin: false,
    url: `https://api.github.com/users/${encodeURIComponent(login)}`,
  };
}

export function toRepositoryJson(row: Repository): Json {
  return {
    id: row.id,
    node_id: `R_${row.id}`,
    name: row.name,
    full_name: row.full_name,
    owner: { ...toUser(row.owner), type: "Organization" },
    private: row.is_private,
    fork: false,
    default_branch: row.default_branch,
    archived: row.is_archived,
    disabled: row.is_disabled,
    visibility: row.is_private ? "private" : "public",
    created_at: row.created_at,
    updated_at: row.updated_at,
    pushed_at: row.pushed_at,
  };
}

/** As in a list, which has no sizes. */
export function toPullJson(row: PullRequest, repository: Repository): Json {
  return {
    id: row.id,
    node_id: `PR_${row.id}`,
    number: row.number,
    state: row.state === "open" ? "open" : "closed",
    locked: false,
    title: row.title,
    user: toUser(row.author, row.author_type),
    body: null,
    labels: row.labels.map((name, index) => ({ id: index + 1, name, color: "ededed", default: false })),
    draft: row.is_draft,
    created_at: row.created_at,
    updated_at: row.updated_at,
    closed_at: row.closed_at,
    merged_at: row.merged_at,
    // of an open one that of a merge that is tried
    merge_commit_sha: row.merge_commit_sha ?? `test-${row.head_sha}`.slice(0, 40),
    head: {
      label: row.head_ref,
      ref: row.head_ref,
      sha: row.head_sha,
      user: toUser(row.author, row.author_type),
      repo: null,
    },
    base: {
      label: row.base_ref,
      ref: row.base_ref,
      sha: "0".repeat(40),
      user: toUser(repository.owner),
      repo: toRepositoryJson(repository),
    },
  };
}

export function toPullDetailJson(row: PullRequest, repository: Repository): Json {
  return {
    ...toPullJson(row, repository),
    merged: row.merged_at !== null,
    merged_by: toUser(row.merged_by),
    commits: row.commit_count,
    additions: row.additions,
    deletions: row.deletions,
    changed_files: row.changed_files,
    comments: 0,
    review_comments: 0,
  };
}

export function toCommitJson(row: Commit | (PullRequestCommit & { readonly committer?: string | null })): Json {
  const parents = "parents" in row ? row.parents : [];
  const committer = row.committer ?? row.author;
  const name = (login: string | null): string => login ?? "somebody";
  return {
    sha: row.sha,
    node_id: `C_${row.sha}`,
    commit: {
      author: { name: name(row.author), email: "nobody@example.com", date: row.authored_at },
      committer: { name: name(committer), email: "nobody@example.com", date: row.committed_at },
      message: row.message,
      tree: { sha: row.sha },
      comment_count: 0,
    },
    author: toUser(row.author),
    committer: toUser(committer),
    parents: parents.map((sha) => ({ sha })),
  };
}

export function toReviewJson(row: Review): Json {
  const { reviewer, reviewer_type: type, submitted_at: submittedAt } = row;
  return {
    id: row.id,
    node_id: `PRR_${row.id}`,
    user: toUser(reviewer, type),
    body: "",
    state: row.state,
    commit_id: row.commit_sha,
    // one that is still written has no time at all
    ...(submittedAt === null ? {} : { submitted_at: submittedAt }),
  };
}

export function toEventJson(row: PullRequestEvent): Json {
  return {
    id: row.id,
    node_id: `E_${row.id}`,
    event: row.event,
    actor: toUser(row.actor),
    created_at: row.created_at,
    commit_id: null,
    issue: { number: row.number, pull_request: { url: `https://api.github.com/pulls/${row.number}` } },
  };
}

export function toDeploymentJson(row: Deployment): Json {
  return {
    id: row.id,
    node_id: `DE_${row.id}`,
    sha: row.sha,
    ref: row.ref,
    task: row.task,
    payload: {},
    environment: row.environment,
    original_environment: row.original_environment,
    description: null,
    creator: toUser(row.creator),
    production_environment: row.is_production,
    transient_environment: row.is_transient,
    created_at: row.created_at,
    updated_at: row.updated_at,
  };
}

export function toStatusJson(row: DeploymentStatus): Json {
  return {
    id: row.id,
    node_id: `DES_${row.id}`,
    state: row.state,
    creator: null,
    description: "",
    environment: row.environment,
    created_at: row.created_at,
    updated_at: row.created_at,
  };
}

export function toReleaseJson(row: Release): Json {
  return {
    id: row.id,
    node_id: `RE_${row.id}`,
    tag_name: row.tag,
    name: row.name,
    target_commitish: row.target,
    draft: row.is_draft,
    prerelease: row.is_prerelease,
    created_at: row.created_at,
    published_at: row.published_at,
    author: null,
    assets: [],
  };
}

export function toRunJson(row: WorkflowRun, repository: Repository): Json {
  // a push of later changes no run
  const { pushed_at: _pushed, updated_at: _updated, ...shown } = toRepositoryJson(repository);
  return {
    id: row.id,
    node_id: `WFR_${row.id}`,
    name: row.name,
    event: row.event,
    status: row.status,
    conclusion: row.conclusion,
    head_branch: row.head_branch,
    head_sha: row.head_sha,
    run_number: 1,
    repository: shown,
    run_attempt: row.attempt,
    created_at: row.created_at,
    run_started_at: row.started_at,
    updated_at: row.updated_at,
  };
}
