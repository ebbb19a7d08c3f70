// What a GitHub holds, and what may happen to it while it is asked: pushes, renames, changes of rows. It starts with the rows of an
// organisation, in the columns of the datasets.
import type {
  Commit,
  Deployment,
  DeploymentStatus,
  GithubEntities,
  PullRequest,
  PullRequestCommit,
  PullRequestEvent,
  Release,
  Repository,
  Review,
  WorkflowRun,
} from "../../organisation/entities.ts";
import { CommitGraph } from "./commit-graph.ts";

export class GithubState {
  readonly repositories = new Map<number, Repository>();
  readonly pullRequests = new Map<number, PullRequest>();
  readonly reviews: Review[];
  readonly events: PullRequestEvent[];
  readonly deployments = new Map<number, Deployment>();
  readonly statuses: DeploymentStatus[];
  readonly releases: Release[];
  readonly runs: WorkflowRun[];
  pullRequestCommits: PullRequestCommit[];
  /** Heads of default branches. */
  readonly heads = new Map<number, string>();
  /** Names that repositories had. */
  readonly renamed = new Map<string, number>();
  /** Repositories that are not shown, with the status in their place. */
  readonly hidden = new Map<number, { readonly status: number; readonly message: string }>();
  readonly #graphs = new Map<number, CommitGraph>();
  readonly #ofPull = new Map<string, { reviews: Review[]; commits: PullRequestCommit[] }>();

  constructor(rows: GithubEntities) {
    for (const row of rows.repositories) this.repositories.set(row.id, row);
    for (const row of rows.pull_requests) this.pullRequests.set(row.id, row);
    for (const row of rows.deployments) this.deployments.set(row.id, row);
    this.reviews = [...rows.reviews];
    this.events = [...rows.pull_request_events];
    this.statuses = [...rows.deployment_statuses];
    this.releases = [...rows.releases];
    this.runs = [...rows.workflow_runs];
    this.pullRequestCommits = [...rows.pull_request_commits];
    for (const [id, commits] of Map.groupBy(rows.commits, (commit) => commit.repository_id)) {
      const graph = new CommitGraph(commits);
      this.#graphs.set(id, graph);
      const head = graph.findHead();
      if (head !== undefined) this.heads.set(id, head);
    }
    this.#addDeployedAside(rows.deployment_commits);
  }

  /** Commits of hotfix branches, which were deployed and are on no default branch: each follows the one before it. */
  #addDeployedAside(rows: GithubEntities["deployment_commits"]): void {
    for (const row of rows.toSorted((a, b) => a.deployment_id - b.deployment_id || a.position - b.position)) {
      const { repository_id: id, sha, base_sha: base } = row;
      if (sha === null || base === null || this.graph(id).has(sha)) continue;
      const at = this.deployments.get(row.deployment_id)?.created_at ?? "2026-01-01T00:00:00Z";
      const who = { author: null, authored_at: at, committer: null, committed_at: at };
      const commit = { repository_id: id, sha, ...who, message: "Repair it", parents: [base], is_removed: false };
      this.graph(id).add([commit]);
    }
  }

  graph(repositoryId: number): CommitGraph {
    const graph = this.#graphs.get(repositoryId) ?? new CommitGraph([]);
    this.#graphs.set(repositoryId, graph);
    return graph;
  }

  /** By its full name, in upper or lower case. */
  findRepository(fullName: string): Repository | undefined {
    const wanted = fullName.toLowerCase();
    return [...this.repositories.values()].find((one) => one.full_name.toLowerCase() === wanted);
  }

  findPull(repositoryId: number, number: number): PullRequest | undefined {
    return [...this.pullRequests.values()].find((one) => one.repository_id === repositoryId && one.number === number);
  }

  /** What belongs to a pull request, found at once. */
  ofPull(repositoryId: number, number: number): { readonly reviews: Review[]; readonly commits: PullRequestCommit[] } {
    if (this.#ofPull.size === 0) {
      const at = (row: {
        readonly repository_id: number;
        readonly number: number;
      }): { reviews: Review[]; commits: PullRequestCommit[] } => {
        const key = `${row.repository_id}#${row.number}`;
        const found = this.#ofPull.get(key) ?? { reviews: [], commits: [] };
        this.#ofPull.set(key, found);
        return found;
      };
      for (const review of this.reviews) at(review).reviews.push(review);
      for (const commit of this.pullRequestCommits) at(commit).commits.push(commit);
    }
    return this.#ofPull.get(`${repositoryId}#${number}`) ?? { reviews: [], commits: [] };
  }

  /** Changes a pull request, adds one, or takes the place of its reviews and commits. */
  putPull(
    pull: PullRequest,
    more: { readonly reviews?: readonly Review[]; readonly commits?: readonly PullRequestCommit[] } = {},
  ): void {
    const isOther = (row: { readonly repository_id: number; readonly number: number }): boolean =>
      row.repository_id !== pull.repository_id || row.number !== pull.number;
    this.pullRequests.set(pull.id, pull);
    if (more.reviews !== undefined) this.reviews.splice(0, Infinity, ...this.reviews.filter(isOther), ...more.reviews);
    if (more.commits !== undefined)
      this.pullRequestCommits = [...this.pullRequestCommits.filter(isOther), ...more.commits];
    this.#ofPull.clear();
  }

  /** Moves a default branch to a commit, also backwards or aside as a force push does. @param commits that come with it */
  push(repositoryId: number, head: string, at: string, commits: readonly Commit[] = []): void {
    this.graph(repositoryId).add(commits);
    this.heads.set(repositoryId, head);
    const repository = this.repositories.get(repositoryId);
    if (repository !== undefined) this.repositories.set(repositoryId, { ...repository, pushed_at: at, updated_at: at });
  }

  rename(repositoryId: number, name: string): void {
    const repository = this.repositories.get(repositoryId);
    if (repository === undefined) return;
    this.renamed.set(repository.full_name.toLowerCase(), repositoryId);
    this.repositories.set(repositoryId, { ...repository, name, full_name: `${repository.owner}/${name}` });
  }

  /** Adds a status, which moves the `updated_at` of its deployment as it does at GitHub. */
  deploy(deployment: Deployment, statuses: readonly DeploymentStatus[]): void {
    const updated = statuses
      .map((status) => status.created_at)
      .reduce((a, b) => (a > b ? a : b), deployment.updated_at);
    this.deployments.set(deployment.id, { ...deployment, updated_at: updated });
    this.statuses.push(...statuses);
  }
}
