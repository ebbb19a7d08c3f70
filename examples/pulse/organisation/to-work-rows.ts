// The rows that GitHub has of pull requests, releases and workflow runs.
import type { DeploymentScene } from "./deployments.ts";
import type { GithubEntities, PullRequest, PullRequestEvent, Release, Review, WorkflowRun } from "./entities.ts";
import { authoredOf, branchOf, headOf, titleOf } from "./main-branch.ts";
import { toInstant } from "./to-instant.ts";
import type { Work } from "./work.ts";

type WorkRows = Pick<GithubEntities, "pull_requests" | "pull_request_commits" | "reviews" | "pull_request_events">;

interface Place {
  readonly id: number;
  readonly untilAt: number;
}

/** Rows of pull requests in the order of their numbers. */
export function toWorkRows({ id, untilAt }: Place, scene: DeploymentScene, works: readonly Work[]): WorkRows {
  const merges = new Map(
    scene.pushes.flatMap((push) => (push.work === null ? [] : [[push.work, headOf(push)] as const])),
  );
  const { nextId } = scene;
  return {
    pull_requests: works.map((work) => toPullRequest(nextId(), { id, untilAt }, work, merges.get(work) ?? null)),
    pull_request_commits: works.flatMap((work) =>
      work.branchShas.map((sha, position) => ({
        repository_id: id,
        number: work.number,
        sha,
        position,
        author: work.author,
        authored_at: toInstant(authoredOf(work, position)),
        committed_at: toInstant(Math.max(authoredOf(work, position), work.forcePushedAt ?? 0)),
        message: `${titleOf(work)}, part ${position + 1}`,
      })),
    ),
    reviews: works.flatMap((work) => toReviews(nextId, { id, untilAt }, work)),
    pull_request_events: works.flatMap((work) => toEvents(nextId, { id, untilAt }, work)),
  };
}

function toPullRequest(rowId: number, { id, untilAt }: Place, work: Work, mergeSha: string | null): PullRequest {
  const isMerged = work.mergedAt !== null;
  const closedAt = work.mergedAt ?? work.closedAt;
  const touched = [work.openedAt, work.readyAt, work.forcePushedAt, ...work.reviews.map(({ at }) => at)];
  const last = Math.max(...touched.filter((at) => at !== null && at <= untilAt).map(Number), closedAt ?? 0);
  return {
    id: rowId,
    repository_id: id,
    number: work.number,
    title: titleOf(work),
    state: isMerged ? "merged" : closedAt === null ? "open" : "closed",
    is_draft: work.isDraftFirst && work.readyAt > untilAt,
    author: work.author,
    author_type: work.author === null ? null : work.isBot ? "Bot" : "User",
    base_ref: "main",
    head_ref: branchOf(work),
    head_sha: work.branchShas.at(-1) ?? "",
    merge_commit_sha: isMerged ? mergeSha : null,
    labels: work.labels,
    created_at: toInstant(work.openedAt),
    updated_at: toInstant(last),
    closed_at: closedAt === null ? null : toInstant(closedAt),
    merged_at: work.mergedAt === null ? null : toInstant(work.mergedAt),
    additions: work.size,
    deletions: Math.floor(work.size / 3),
    changed_files: 1 + Math.floor(work.size / 40),
    commit_count: work.branchShas.length,
    merged_by: isMerged
      ? (work.reviews.findLast(({ state }) => state === "APPROVED")?.reviewer ?? "merge-queue[bot]")
      : null,
  };
}

function toReviews(nextId: () => number, { id, untilAt }: Place, work: Work): readonly Review[] {
  const endsAt = Math.min(work.closedAt ?? untilAt, untilAt);
  return work.reviews
    .filter(({ at }) => at === null || at <= endsAt)
    .map((review) => ({
      id: nextId(),
      repository_id: id,
      number: work.number,
      reviewer: review.reviewer,
      reviewer_type: review.reviewer === null ? null : review.isBot ? "Bot" : "User",
      state: review.state,
      submitted_at: review.at === null ? null : toInstant(review.at),
      commit_sha: work.branchShas.at(-1) ?? "",
    }));
}

function toEvents(nextId: () => number, { id, untilAt }: Place, work: Work): readonly PullRequestEvent[] {
  const events: readonly (readonly [PullRequestEvent["event"], number | null])[] = [
    ["ready_for_review", work.isDraftFirst ? work.readyAt : null],
    ["head_ref_force_pushed", work.forcePushedAt],
    ["reopened", work.reopenedAt],
  ];
  return events.flatMap(([event, at]) =>
    at === null || at > untilAt
      ? []
      : [
          {
            id: nextId(),
            repository_id: id,
            number: work.number,
            event,
            actor: work.author,
            created_at: toInstant(at),
          },
        ],
  );
}

/** One for every third deployment, and a draft that nobody has published. */
export function toReleases(repositoryId: number, scene: DeploymentScene): readonly Release[] {
  const shipped = scene.rows.deployments.filter(({ environment }) => environment !== "staging");
  return shipped
    .filter((_, index) => index % 3 === 0)
    .map(({ sha, created_at }, index, all) => ({
      id: scene.nextId(),
      repository_id: repositoryId,
      tag: `v1.${index}.0`,
      name: `1.${index}`,
      target: sha,
      is_draft: index === all.length - 1,
      is_prerelease: index % 5 === 4,
      created_at,
      published_at: index === all.length - 1 ? null : created_at,
    }));
}

/** One for every pull request; some were run again. */
export function toWorkflowRuns(
  repositoryId: number,
  scene: DeploymentScene,
  works: readonly Work[],
): readonly WorkflowRun[] {
  return works.map((work) => {
    const isAgain = scene.random.chance(0.1);
    return {
      id: scene.nextId(),
      repository_id: repositoryId,
      name: "test",
      event: "pull_request",
      status: "completed",
      conclusion: isAgain || scene.random.chance(0.9) ? "success" : "failure",
      head_branch: branchOf(work),
      head_sha: work.branchShas.at(-1) ?? "",
      attempt: isAgain ? 2 : 1,
      created_at: toInstant(work.openedAt),
      started_at: toInstant(work.openedAt + 5),
      updated_at: toInstant(work.openedAt + 300),
    };
  });
}
