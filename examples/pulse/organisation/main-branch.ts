// The default branch of a repository while an organisation is made: what was pushed to it, in order, and its commits in the end.
import type { Commit } from "./entities.ts";
import type { Random } from "./random.ts";
import { toInstant } from "./to-instant.ts";
import type { Work } from "./work.ts";

/** What came to the branch at once. */
export interface Push {
  readonly at: number;
  /** Oldest first; the last one is the head afterwards. */
  readonly shas: readonly string[];
  readonly work: Work | null;
  readonly author: string | null;
}

/** What merging makes of the commits of a pull request, by its method. */
export function toPush(random: Random, work: Work, at: number): Push {
  const own =
    work.method === "squash"
      ? [random.sha()]
      : work.method === "merge"
        ? [...work.branchShas, random.sha()]
        : work.branchShas.map(() => random.sha());
  return { at, shas: own, work, author: work.author };
}

/** The commit that the branch ended with after this push. */
export function headOf(push: Push): string {
  const sha = push.shas.at(-1);
  if (sha === undefined) throw new RangeError("expected a push to have commits");
  return sha;
}

/** The place of the last push at `at` or before, or -1. */
export function findHead(pushes: readonly Push[], at: number): number {
  let low = 0;
  let high = pushes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pushes[middle]?.at ?? 0) <= at) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Puts a push where its time says, behind those of the same second. */
export function insertPush(pushes: Push[], push: Push): void {
  pushes.splice(findHead(pushes, push.at) + 1, 0, push);
}

/** All commits of the branch, with their parents; `removed` was pushed and taken away again by a force push. */
export function toCommits(
  repositoryId: number,
  pushes: readonly Push[],
  removed: { readonly sha: string; readonly at: number } | null,
): Commit[] {
  const commits: Commit[] = [];
  let head: string | null = null;
  const add = (sha: string, parents: readonly string[], push: Push, authoredAt: number, committedAt: number): void => {
    commits.push({
      repository_id: repositoryId,
      sha,
      author: push.author,
      authored_at: toInstant(authoredAt),
      committer: push.author,
      committed_at: toInstant(committedAt),
      message: messageOf(push),
      parents,
      is_removed: false,
    });
  };
  for (const push of pushes) {
    const { work } = push;
    const isMerge = work?.method === "merge";
    let parent: string | null = isMerge ? baseOf(pushes, work) : head;
    for (const [index, sha] of push.shas.entries()) {
      const isLast = index === push.shas.length - 1;
      const parents: readonly string[] = [isMerge && isLast ? head : null, parent].filter((item) => item !== null);
      const authoredAt =
        work === null || work.method === "squash" || (isMerge && isLast) ? push.at : authoredOf(work, index);
      add(sha, parents, push, authoredAt, isMerge && !isLast ? authoredAt : push.at);
      parent = sha;
    }
    head = headOf(push);
  }
  if (removed !== null && pushes[0] !== undefined) {
    const lost = { ...pushes[0], work: null };
    add(removed.sha, [headOf(pushes[0])], lost, removed.at, removed.at);
    commits.push(...commits.splice(-1).map((commit) => ({ ...commit, is_removed: true })));
  }
  return commits;
}

/** When the commit at `index` of a pull request was written: some minutes after the one before it, the first one first. */
export function authoredOf(work: Work, index: number): number {
  const step = Math.max(1, Math.floor((work.readyAt - work.firstAuthoredAt) / (work.branchShas.length + 1)));
  return work.firstAuthoredAt + index * step;
}

/** Where a branch began: what was the head when its first commit was written. */
function baseOf(pushes: readonly Push[], work: Work): string | null {
  const base = pushes[Math.max(0, findHead(pushes, Math.min(work.firstAuthoredAt, work.mergedAt ?? 0) - 1))];
  return base === undefined ? null : headOf(base);
}

function messageOf({ work }: Push): string {
  if (work === null) return "Change it directly";
  if (work.method === "merge") return `Merge pull request #${work.number}`;
  return `${titleOf(work)} (#${work.number})`;
}

/** The title that GitHub gives a revert names what it reverts. */
export function titleOf(work: Work): string {
  if (work.reverts !== null) return `Revert "${titleOf(work.reverts)}"`;
  if (work.kind === "bot") return `Bump library ${work.number}`;
  return work.kind === "hotfix" ? `Fix what broke ${work.number}` : `Change ${work.number}`;
}

/** The branch name that GitHub gives a revert has the number of what it reverts. */
export function branchOf(work: Work): string {
  if (work.reverts !== null) return `revert-${work.reverts.number}-${branchOf(work.reverts)}`;
  return work.kind === "hotfix" ? `hotfix/${work.number}` : `change-${work.number}`;
}
