// What a deployment brought, out of the history of commits: for deployments that nobody has compared.
import type { WalkedCommit } from "./deployments-sql.ts";

export interface UncomparedDeployment {
  readonly deployment_id: number;
  readonly repository_id: number;
  readonly base: string;
  readonly head: string;
}

/** Parents by commit; a commit that is not there is unknown. */
export type CommitHistory = ReadonlyMap<string, readonly string[]>;

/**
 * The commits that can be reached from the head and not from the base, as `git rev-list base..head` lists them, and how the two lie to one another.
 * Nothing for one whose base or head is not in the history: that stays unknown.
 */
export function walkCommits(deployment: UncomparedDeployment, history: CommitHistory): readonly WalkedCommit[] {
  const { deployment_id, repository_id, base, head } = deployment;
  if (!history.has(base) || !history.has(head)) return [];
  const before = reach(base, history, new Set());
  const brought = [...reach(head, history, before)].filter((sha) => history.has(sha));
  const isAhead = base === head || reach(head, history, new Set()).has(base);
  const comparison = base === head ? "identical" : brought.length === 0 ? "behind" : isAhead ? "ahead" : "diverged";
  const rows = brought.map((sha): WalkedCommit => ({ deployment_id, repository_id, comparison, sha }));
  return rows.length > 0 ? rows : [{ deployment_id, repository_id, comparison, sha: null }];
}

function reach(from: string, history: CommitHistory, without: ReadonlySet<string>): Set<string> {
  const seen = new Set<string>();
  const open = [from];
  for (let sha = open.pop(); sha !== undefined; sha = open.pop()) {
    if (seen.has(sha) || without.has(sha)) continue;
    seen.add(sha);
    open.push(...(history.get(sha) ?? []));
  }
  return seen;
}
