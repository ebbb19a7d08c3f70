// Commits with their parents: which of them lead to one and not to another.
import type { Commit } from "../../organisation/entities.ts";

export interface ComparedCommits {
  readonly status: "ahead" | "behind" | "diverged" | "identical";
  /** Of the head, without those of the base, the oldest first. */
  readonly ahead: readonly Commit[];
  readonly behind: number;
  readonly mergeBase: Commit;
}

export class CommitGraph {
  readonly #commits = new Map<string, Commit>();
  /** Order in which they came. */
  readonly #places = new Map<string, number>();

  constructor(commits: readonly Commit[]) {
    this.add(commits);
  }

  add(commits: readonly Commit[]): void {
    for (const commit of commits) {
      if (this.#commits.has(commit.sha)) continue;
      this.#commits.set(commit.sha, commit);
      this.#places.set(commit.sha, this.#places.size);
    }
  }

  has(sha: string): boolean {
    return this.#commits.has(sha);
  }

  /** Forgets a commit, as GitHub does with those that no branch has. */
  forget(sha: string): void {
    this.#commits.delete(sha);
  }

  /** The commit that no other one follows, of those that are there. */
  findHead(): string | undefined {
    const present = [...this.#commits.values()].filter((commit) => !commit.is_removed);
    const followed = new Set(present.flatMap(({ parents }) => parents));
    return present.filter(({ sha }) => !followed.has(sha)).at(-1)?.sha;
  }

  /** All commits that lead to one, it included, the newest first. */
  list(sha: string): readonly Commit[] {
    const found = new Set<string>();
    const open = [sha];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const commit = this.#commits.get(next);
      if (commit === undefined || found.has(next)) continue;
      found.add(next);
      open.push(...commit.parents);
    }
    return [...found]
      .toSorted((a, b) => (this.#places.get(b) ?? 0) - (this.#places.get(a) ?? 0))
      .flatMap((one) => this.#commits.get(one) ?? []);
  }

  /** `undefined` where one of them is not there, or nothing leads to both. */
  compare(base: string, head: string): ComparedCommits | undefined {
    if (!this.has(base) || !this.has(head)) return undefined;
    const [ofBase, ofHead] = [this.list(base), this.list(head)];
    const [inBase, inHead] = [new Set(ofBase.map(({ sha }) => sha)), new Set(ofHead.map(({ sha }) => sha))];
    const ahead = ofHead.filter(({ sha }) => !inBase.has(sha)).toReversed();
    const behind = ofBase.filter(({ sha }) => !inHead.has(sha)).length;
    const mergeBase = ofHead.find(({ sha }) => inBase.has(sha));
    if (mergeBase === undefined) return undefined;
    return { status: toStatus(ahead.length, behind), ahead, behind, mergeBase };
  }
}

function toStatus(ahead: number, behind: number): ComparedCommits["status"] {
  if (ahead > 0) return behind > 0 ? "diverged" : "ahead";
  return behind > 0 ? "behind" : "identical";
}
