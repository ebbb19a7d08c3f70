// Chooses which candidates a claim takes: by priority, then fairly among tenants, then first come first served, as far
// as the gates have room. The function is pure.
import type { Candidate } from "./open-lanes.ts";

/** What the choice looks at. */
export type Choosable = Pick<Candidate, "priority" | "seq" | "tenant" | "gates">;

export interface ChooseInput<Run extends Choosable> {
  readonly candidates: readonly Run[];
  /** Free slots of limited gates; a gate that is not named has no limit. */
  readonly room: ReadonlyMap<string, number>;
  /** Runs each tenant has executing. */
  readonly shares: ReadonlyMap<string, number>;
  readonly limit: number;
  /** Among tenants with equal shares the one after this comes first. */
  readonly afterTenant: string | undefined;
}

/** At most `limit` candidates, in the order in which they start. */
export function chooseRuns<Run extends Choosable>(input: ChooseInput<Run>): Run[] {
  const { candidates, room, shares, limit, afterTenant } = input;
  const left = new Map(room);
  const chosen: Run[] = [];
  for (const candidate of inOrder(candidates, shares, afterTenant)) {
    if (chosen.length === limit) break;
    if (!candidate.gates.every((gate) => (left.get(gate) ?? 1) > 0)) continue;
    for (const gate of candidate.gates) {
      const free = left.get(gate);
      if (free !== undefined) left.set(gate, free - 1);
    }
    chosen.push(candidate);
  }
  return chosen;
}

function inOrder<Run extends Choosable>(
  candidates: readonly Run[],
  shares: ReadonlyMap<string, number>,
  afterTenant: string | undefined,
): readonly Run[] {
  const bySeq = candidates.toSorted((a, b) => a.priority - b.priority || a.seq - b.seq);
  const taken = new Map(shares);
  const ranked = bySeq.map((candidate) => {
    const rank = taken.get(candidate.tenant) ?? 0;
    taken.set(candidate.tenant, rank + 1);
    // 0 for the tenants whose turn comes first.
    const turn = afterTenant !== undefined && candidate.tenant > afterTenant ? 0 : 1;
    return { candidate, rank, turn };
  });
  const isShared = new Set(candidates.map(({ tenant }) => tenant)).size > 1;
  if (!isShared) return bySeq;
  return ranked
    .toSorted(
      (a, b) =>
        a.candidate.priority - b.candidate.priority ||
        a.rank - b.rank ||
        a.turn - b.turn ||
        compareText(a.candidate.tenant, b.candidate.tenant) ||
        a.candidate.seq - b.candidate.seq,
    )
    .map(({ candidate }) => candidate);
}

function compareText(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
