// Rows of a small organisation by hand, for tests of one thing each.
import type {
  Commit,
  Deployment,
  DeploymentStatus,
  PullRequest,
  Repository,
} from "../../../examples/pulse/organisation/entities.ts";

const start = "2026-01-01T00:00:00Z";

/** A sha that begins with a word of letters from a to f and digits. */
export function sha(word: string): string {
  return word.padEnd(40, "0");
}

export function repository(id: number, given: Partial<Repository> = {}): Repository {
  const name = given.name ?? `r${id}`;
  return {
    id,
    full_name: `acme/${name}`,
    owner: "acme",
    name,
    default_branch: "main",
    is_archived: false,
    is_disabled: false,
    is_private: true,
    created_at: start,
    pushed_at: start,
    updated_at: start,
    ...given,
  };
}

export function pull(repositoryId: number, number: number, given: Partial<PullRequest> = {}): PullRequest {
  return {
    id: repositoryId * 1_000 + number,
    repository_id: repositoryId,
    number,
    title: `Change ${number}`,
    state: "open",
    is_draft: false,
    author: "ada",
    author_type: "User",
    base_ref: "main",
    head_ref: `change-${number}`,
    head_sha: sha(`a${number}`),
    merge_commit_sha: null,
    labels: [],
    created_at: start,
    updated_at: start,
    closed_at: null,
    merged_at: null,
    additions: 1,
    deletions: 0,
    changed_files: 1,
    commit_count: 1,
    merged_by: null,
    ...given,
  };
}

/** Commits of a branch, each the parent of the next one. */
export function branch(repositoryId: number, words: readonly string[], given: Partial<Commit> = {}): readonly Commit[] {
  return words.map((word, index) => {
    const before = words[index - 1];
    return {
      repository_id: repositoryId,
      sha: sha(word),
      author: "ada",
      authored_at: start,
      committer: "ada",
      committed_at: start,
      message: word,
      parents: before === undefined ? [] : [sha(before)],
      is_removed: false,
      ...given,
    };
  });
}

export function deployment(repositoryId: number, id: number, given: Partial<Deployment> = {}): Deployment {
  return {
    id,
    repository_id: repositoryId,
    sha: sha("c1"),
    ref: "main",
    task: "deploy",
    environment: "production",
    original_environment: "production",
    is_production: true,
    is_transient: false,
    creator: "ada",
    created_at: start,
    updated_at: start,
    ...given,
  };
}

export function status(of: Deployment, id: number, given: Partial<DeploymentStatus> = {}): DeploymentStatus {
  const { id: deploymentId, repository_id: repositoryId, environment } = of;
  return {
    id,
    repository_id: repositoryId,
    deployment_id: deploymentId,
    state: "success",
    environment,
    created_at: of.created_at,
    ...given,
  };
}
